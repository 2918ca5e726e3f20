"""Exercise 41, an LSTM from scratch: what is timed."""

import torch

FUNCTION = "lstm"


def inputs(generator, device):
    """A batch of sequences of one-hot tokens, the state, and the parameters, float32."""
    time, batch, vocab, hidden = (64, 256, 512, 512) if device == "cuda" else (24, 32, 64, 160)

    def draw(*shape):
        return torch.randn(shape, generator=generator) / shape[0] ** 0.5

    tokens = torch.randint(vocab, (time, batch), generator=generator)
    x = torch.nn.functional.one_hot(tokens, vocab).float()
    params = []
    for _ in range(4):
        params += [draw(vocab, hidden), draw(hidden, hidden), draw(hidden)]
    params += [draw(hidden, vocab), draw(vocab)]
    return x, (draw(batch, hidden), draw(batch, hidden)), params


def builtin(x, state, params):
    def stacked(of, across):
        # The lecture's order is i, f, o, c; torch's is i, f, g, o.
        return torch.cat([params[3 * gate + of] for gate in (0, 1, 3, 2)], across)

    weights = [stacked(0, 1).T.contiguous(), stacked(1, 1).T.contiguous(), stacked(2, 0)]
    weights.append(torch.zeros_like(weights[2]))
    h, c = (part[None] for part in state)
    output, h, c = torch.lstm(x, (h, c), weights, True, 1, 0.0, False, False, False)
    return output.flatten(0, 1) @ params[12] + params[13], (h[0], c[0])
