"""An LSTM written out, with its gates in one product, trained by SGD with momentum and clipping."""

import torch
from torch.nn import functional

H, T, N = 40, 10, 32


class Model:
    def __init__(self, v, generator):
        def draw(*shape):
            return (0.2 * torch.randn(shape, generator=generator)).requires_grad_()

        self.v = v
        self.params = [draw(v, 4 * H), draw(H, 4 * H), draw(4 * H), draw(H, v), draw(v)]

    def states(self, tokens):
        w_x, w_h, b, _, _ = self.params
        h = c = torch.zeros(len(tokens), H)
        inputs = w_x[tokens]  # a one-hot row picks a row of the matrix
        for t in range(tokens.shape[1]):
            i, f, o, g = (inputs[:, t] + h @ w_h + b).chunk(4, dim=1)
            c = torch.sigmoid(f + 1) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            yield h

    def scores(self, h):
        return h @ self.params[3] + self.params[4]

    def log_probs(self, prefixes):
        with torch.no_grad():
            *_, last = self.states(prefixes)
            return functional.log_softmax(self.scores(last), dim=1)


def train(corpus, vocab_size, steps, generator):
    model = Model(vocab_size, generator)
    velocity = [torch.zeros_like(p) for p in model.params]
    for step in range(steps):
        rate = 1.0 * (1 - step / steps) + 0.05
        begin = torch.randint(0, len(corpus) - T, (N,), generator=generator)
        rows = torch.stack([corpus[b : b + T + 1] for b in begin.tolist()])
        loss = 0.0
        for t, h in enumerate(model.states(rows[:, :-1])):
            loss = loss + functional.cross_entropy(model.scores(h), rows[:, t + 1]) / T
        gradients = torch.autograd.grad(loss, model.params)
        norm = sum(float(g.square().sum()) for g in gradients) ** 0.5
        with torch.no_grad():
            for p, v, g in zip(model.params, velocity, gradients, strict=True):
                v.mul_(0.9).add_(g * min(1.0, 0.5 / (norm + 1e-9)))
                p.sub_(rate * v)
    return model
