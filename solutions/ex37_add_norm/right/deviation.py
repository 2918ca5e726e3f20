"""In-place work on a sum of its own; the standard deviation squared again."""


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = x.clone()
    total += sublayer_out
    deviation = total.std(dim=-1, unbiased=False, keepdim=True)
    total = total.sub(total.mean(dim=-1, keepdim=True)).div(deviation.pow(2).add(eps).sqrt())
    total *= weight
    total += bias
    return total
