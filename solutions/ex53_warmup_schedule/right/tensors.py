"""With torch's functions, in float64, and an item at the end."""

import torch


def noam(step, d_model, warmup):
    number = torch.tensor(float(step), dtype=torch.float64)
    both = torch.stack([number.rsqrt(), number * warmup**-1.5])
    return (both.min() * d_model**-0.5).item()


def cosine(step, warmup, total, lr, lr_min=0.0):
    number = torch.tensor(float(step), dtype=torch.float64)
    rising = lr * number / warmup
    progress = ((number - warmup) / (total - warmup)).clamp(0.0, 1.0)
    falling = lr_min + (lr - lr_min) * 0.5 * (1 + torch.cos(torch.pi * progress))
    return torch.where(number <= warmup, rising, falling).item()
