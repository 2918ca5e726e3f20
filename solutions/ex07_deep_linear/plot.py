"""Exercise 7, a deep linear network: what is drawn."""

import torch

TITLE = "How large the output of each layer is (Frobenius norm), by depth"
X = "layer"
FIRST = 1
LOG = True


def curves(answer):
    """Fifty layers of width 32 whose weights are a little small, right, a little large."""
    generator = torch.Generator().manual_seed(7)
    x = torch.randn(8, 32, generator=generator)
    weights = [torch.randn(32, 32, generator=generator) / 32**0.5 for _ in range(50)]
    return {
        f"std of the weights: {scale} / sqrt(32)": answer.deep_linear(
            x, [scale * weight for weight in weights]
        )[1]
        for scale in (0.8, 1.0, 1.25)
    }
