"""GRUs written out, with their gates in one product, and dot-product attention before each word."""

import torch
from torch.nn import functional

W, H, N = 32, 48, 32


class Model:
    def __init__(self, sizes, generator):
        def draw(*shape):
            return ((2 * torch.rand(shape, generator=generator) - 1) * H**-0.5).requires_grad_()

        source, target = sizes
        self.embed, self.unembed = draw(source, W), draw(target, W)
        self.reader = draw(W, 3 * H), draw(H, 3 * H), draw(3 * H), draw(3 * H)
        self.writer = draw(W, 3 * H), draw(H, 3 * H), draw(3 * H), draw(3 * H)
        self.look, self.out, self.bias = draw(H, H), draw(2 * H, target), draw(target)
        self.params = [self.embed, self.unembed, *self.reader, *self.writer]
        self.params += [self.look, self.out, self.bias]

    @staticmethod
    def step(weights, x, h):
        w_x, w_h, b_x, b_h = weights
        r, z, n = (x @ w_x + b_x).chunk(3, -1)
        hr, hz, hn = (h @ w_h + b_h).chunk(3, -1)
        z = torch.sigmoid(z + hz)
        return (1 - z) * torch.tanh(n + torch.sigmoid(r + hr) * hn) + z * h

    def read(self, source):
        states, h = [], torch.zeros(len(source), H)
        for x in self.embed[source].unbind(1):
            h = self.step(self.reader, x, h)
            states.append(h)
        hidden = torch.where(source == 0, float("-inf"), 0.0)
        return torch.stack(states, 1), hidden

    def say(self, memory, hidden, word, h):
        h = self.step(self.writer, self.unembed[word], h)
        scores = (memory * (h @ self.look)[:, None]).sum(-1) + hidden
        context = (scores.softmax(-1)[..., None] * memory).sum(1)
        return torch.cat([h, context], -1) @ self.out + self.bias, h

    def translate(self, source):
        number, words = self.vocabs
        names = {index: word for word, index in words.items()}
        with torch.no_grad():
            row = [number[word] for word in source] + [number["<eos>"]]
            memory, hidden = self.read(torch.tensor([row]))
            said, word, h = [], 1, torch.zeros(1, H)
            for _ in range(35):
                scores, h = self.say(memory, hidden, torch.tensor([word]), h)
                word = scores.argmax().item()
                if word == 2:
                    break
                said.append(names[word])
        return said


def train(pairs, vocabs, steps, generator):
    model = Model([len(vocab) for vocab in vocabs], generator)
    model.vocabs = vocabs
    x = [torch.tensor([vocabs[0][word] for word in source] + [2]) for source, _ in pairs]
    y = [torch.tensor([1] + [vocabs[1][word] for word in target] + [2]) for _, target in pairs]
    optimizer = torch.optim.Adam(model.params, lr=0.01)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 0.01 * (1 - step / steps)
        chosen = torch.randint(0, len(x), (N,), generator=generator).tolist()
        source = torch.nn.utils.rnn.pad_sequence([x[i] for i in chosen], batch_first=True)
        target = torch.nn.utils.rnn.pad_sequence([y[i] for i in chosen], batch_first=True)
        memory, hidden = model.read(source)
        h, losses = torch.zeros(N, H), 0.0
        for t in range(target.shape[1] - 1):
            scores, h = model.say(memory, hidden, target[:, t], h)
            losses = losses + functional.cross_entropy(
                scores, target[:, t + 1], ignore_index=0, reduction="sum"
            )
        loss = losses / (target[:, 1:] != 0).sum()
        gradients = torch.autograd.grad(loss, model.params)
        norm = torch.stack([g.norm() for g in gradients]).norm()
        for p, g in zip(model.params, gradients, strict=True):
            p.grad = g / max(1.0, norm.item())
        optimizer.step()
    return model
