"""In double precision and log space; the values are averaged before the division."""

import torch


def hard_attention(scores, values, threshold):
    log_soft = scores.double().log_softmax(dim=-1)
    soft = log_soft.exp()
    places = torch.arange(scores.shape[-1], device=scores.device)
    first = places == scores.argmax(dim=-1, keepdim=True)
    kept = soft * ((soft >= threshold) | first)
    total = kept.sum(dim=-1, keepdim=True)
    output = (kept @ values.double()) / total
    return output.to(scores.dtype), (kept / total).to(scores.dtype)
