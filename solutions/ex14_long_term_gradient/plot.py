"""Exercise 14, what a recurrent network forgets: what is drawn."""

import torch

TITLE = "How much the last state depends on the state at step t (norm of the Jacobian)"
X = "step t"
LOG = True


def curves(answer):
    """Sixty steps of sixteen units, with recurrent weights that are small, middling, large."""
    generator = torch.Generator().manual_seed(14)
    steps, d, hidden = 60, 4, 16
    x = 0.1 * torch.randn(steps, 1, d, generator=generator)
    w_ih = torch.randn(hidden, d, generator=generator) / d**0.5
    w_hh = torch.linalg.qr(torch.randn(hidden, hidden, generator=generator))[0]
    zeros = torch.zeros(hidden)
    return {
        f"w_hh: {scale} times a rotation": answer.long_term_gradient(
            x, torch.zeros(1, hidden), w_ih, scale * w_hh, zeros, zeros
        )
        for scale in (0.8, 1.0, 1.1)
    }
