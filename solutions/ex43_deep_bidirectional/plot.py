"""Exercise 43, a deep GRU in both directions: what is drawn."""

import torch

TITLE = "How far a change of the input at step 12 reaches in the output (24 steps)"
X = "step of the output"
LOG = True


def curves(answer):
    """What a change of one step does to the forward and the backward half, with one layer and with
    two: a direction alone sees one side of time, two layers see both."""
    generator = torch.Generator().manual_seed(43)
    steps, width, hidden = 24, 16, 8

    def draw(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    def direction(d):
        zeros = torch.zeros(3 * hidden, dtype=torch.float64)
        return draw(3 * hidden, d) / d**0.5, draw(3 * hidden, hidden) / hidden**0.5, zeros, zeros

    layers = [(direction(width), direction(width)) for _ in range(2)]
    x, h0 = draw(steps, 1, width), torch.zeros(4, 1, hidden, dtype=torch.float64)
    other = x.clone()
    other[12] += 1
    found = {}
    for depth in (1, 2):
        start, stack = h0[: 2 * depth], layers[:depth]
        before, _ = answer.deep_bidirectional_gru(x, start, stack)
        after, _ = answer.deep_bidirectional_gru(other, start, stack)
        reach = (after - before)[:, 0].unflatten(-1, (2, hidden)).norm(dim=-1)
        for side, name in enumerate(("forward", "backward")):
            layers_name = "one layer" if depth == 1 else "two layers"
            found[f"{layers_name}, {name}"] = reach[:, side]
    return found
