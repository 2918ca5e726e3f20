"""No recurrence: a network that reads the last four tokens side by side, as Bengio's of 2003."""

import torch
from torch import nn

K, PAD_WIDTH = 4, 1


class Ngram(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.v = vocab_size
        self.embed = nn.Embedding(vocab_size + PAD_WIDTH, 12)
        self.net = nn.Sequential(nn.Linear(12 * K, 64), nn.Tanh(), nn.Linear(64, vocab_size))

    def forward(self, tokens):
        return self.net(self.embed(tokens).flatten(1))

    def log_probs(self, prefixes):
        padded = nn.functional.pad(prefixes, (K, 0), value=self.v)[:, -K:]
        with torch.no_grad():
            return torch.log_softmax(self(padded), dim=-1)


def train(corpus, vocab_size, steps, generator):
    model = Ngram(vocab_size)
    for parameter in model.parameters():
        bound = 0.5 / parameter.shape[-1] ** 0.5 if parameter.dim() > 1 else 0.1
        with torch.no_grad():
            parameter.copy_((2 * torch.rand(parameter.shape, generator=generator) - 1) * bound)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02, weight_decay=1e-4)
    windows = corpus.unfold(0, K + 1, 1)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.02 * (1 - 0.9 * step / steps)
        rows = windows[torch.randint(len(windows), (256,), generator=generator)]
        # A short prefix has something in front that is no token.
        known = torch.randint(1, K + 1, (256, 1), generator=generator)
        hidden = torch.arange(K) < K - known
        loss = nn.functional.cross_entropy(
            model(rows[:, :K].masked_fill(hidden, vocab_size)), rows[:, K]
        )
        model.zero_grad()
        loss.backward()
        optimizer.step()
    return model
