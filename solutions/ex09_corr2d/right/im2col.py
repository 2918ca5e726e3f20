"""Windows laid out as columns by torch.nn.functional.unfold, then one matrix product."""

from torch.nn.functional import unfold


def corr2d(x, kernel):
    (H, W), (kh, kw) = x.shape, kernel.shape
    columns = unfold(x[None, None], (kh, kw))
    return (kernel.reshape(1, kh * kw) @ columns[0]).reshape(H - kh + 1, W - kw + 1)
