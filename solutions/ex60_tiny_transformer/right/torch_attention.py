"""torch's MultiheadAttention in two layers with learned positions, a loss over whole sequences."""

import torch
from torch import nn

WIDTH = 48


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attend = nn.MultiheadAttention(WIDTH, 6, batch_first=True)
        self.first, self.second = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.network = nn.Sequential(nn.Linear(WIDTH, 128), nn.GELU(), nn.Linear(128, WIDTH))

    def forward(self, x):
        t = x.shape[1]
        later = torch.arange(t) > torch.arange(t)[:, None]
        y = self.first(x)
        x = x + self.attend(y, y, y, attn_mask=later, need_weights=False)[0]
        return x + self.network(self.second(x))


class Tiny(nn.Module):
    def __init__(self, vocab_size, length):
        super().__init__()
        self.words = nn.Embedding(vocab_size, WIDTH)
        self.places = nn.Parameter(torch.empty(length, WIDTH))
        self.layers = nn.Sequential(Layer(), Layer(), nn.LayerNorm(WIDTH))
        self.score = nn.Linear(WIDTH, vocab_size)

    def forward(self, tokens):
        x = self.words(tokens) + self.places[: tokens.shape[1]]
        return self.score(self.layers(x))

    def log_probs(self, prefixes):
        with torch.no_grad():
            return self(prefixes)[:, -1].log_softmax(-1)


def train(sequences, vocab_size, steps, generator):
    model = Tiny(vocab_size, sequences.shape[1])
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1:
            nn.init.xavier_uniform_(parameter, generator=generator)
        elif name.endswith("bias"):
            nn.init.zeros_(parameter)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.008)
    for step in range(steps):
        done = step / steps
        optimizer.param_groups[0]["lr"] = 0.008 * min(20 * done, 1.05 - done)
        rows = sequences[torch.randint(len(sequences), (64,), generator=generator)]
        scores = model(rows[:, :-1])
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), rows[:, 1:].flatten())
        model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model
