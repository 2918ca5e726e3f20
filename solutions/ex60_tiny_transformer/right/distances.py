"""No positions at the input: every head adds a learned score for the distance of key and query."""

import torch
from torch import nn
from torch.nn import functional

D, HEADS, FAR = 32, 4, 32


class Model:
    def __init__(self, vocab_size, generator):
        def draw(*shape):
            reach = (6 / sum(shape[-2:])) ** 0.5
            return (reach * (2 * torch.rand(shape, generator=generator) - 1)).requires_grad_()

        def zeros(*shape):
            return torch.zeros(shape, requires_grad=True)

        self.embed, self.out = draw(vocab_size, D), draw(D, vocab_size)
        self.layers = [
            {
                "qkv": draw(3, D, D),
                "o": draw(D, D),
                "near": zeros(HEADS, FAR),
                "up": draw(D, 3 * D),
                "shift": zeros(3 * D),
                "down": draw(3 * D, D),
            }
            for _ in range(2)
        ]
        self.params = [self.embed, self.out, *(p for each in self.layers for p in each.values())]

    def scores(self, tokens):
        x = self.embed[tokens]
        n, t, _ = x.shape
        back = torch.arange(t)[:, None] - torch.arange(t)  # how far back the key stands
        for layer in self.layers:
            y = functional.layer_norm(x, (D,))
            q, k, v = ((y @ w).view(n, t, HEADS, -1).transpose(1, 2) for w in layer["qkv"])
            bias = layer["near"][:, back.clamp(0, FAR - 1)].masked_fill(back < 0, -1e9)
            y = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
            x = x + y.transpose(1, 2).reshape(n, t, D) @ layer["o"]
            y = functional.layer_norm(x, (D,)) @ layer["up"] + layer["shift"]
            x = x + functional.silu(y) @ layer["down"]
        return functional.layer_norm(x, (D,)) @ self.out

    def log_probs(self, prefixes):
        with torch.no_grad():
            scores = self.scores(prefixes)[:, -1]
            return scores - scores.logsumexp(1, keepdim=True)


def train(sequences, vocab_size, steps, generator):
    model = Model(vocab_size, generator)
    optimizer = torch.optim.Adam(model.params, lr=0.01, betas=(0.9, 0.98))
    n = sequences.shape[1] // 2 - 1
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * min((step + 1) / 20, (1 - step / steps) ** 0.7)
        rows = sequences[torch.randint(0, len(sequences), (64,), generator=generator)]
        log_probs = model.scores(rows)[:, -n - 1 : -1].log_softmax(2)
        loss = -log_probs.gather(2, rows[:, -n:, None]).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.params, 1.0)
        optimizer.step()
    return model
