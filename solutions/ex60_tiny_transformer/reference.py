"""Exercise 60, a tiny Transformer: the reference."""

import math

import torch
from torch import Tensor, nn

WIDTH = 48
HEADS = 6
BLOCKS = 2
BATCH = 64
RATE = 0.008
MOST_NORM = 1.0


class _Block(nn.Module):
    """Attention to what came before, then a network at every position; each is added on."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)])
        self.project = nn.Linear(WIDTH, 3 * WIDTH)
        self.join = nn.Linear(WIDTH, WIDTH)
        self.network = nn.Sequential(
            nn.Linear(WIDTH, 2 * WIDTH),
            nn.GELU(),
            nn.Linear(2 * WIDTH, WIDTH),
        )

    def forward(self, x: Tensor) -> Tensor:
        count, length, _ = x.shape
        parts = self.project(self.norms[0](x)).view(count, length, 3, HEADS, -1)
        q, k, v = parts.permute(2, 0, 3, 1, 4)  # (N, HEADS, T, WIDTH / HEADS) each
        scores = q @ k.transpose(-2, -1) / math.sqrt(WIDTH / HEADS)
        hidden = torch.ones(length, length, dtype=torch.bool).triu(1)  # key after query
        weights = scores.masked_fill(hidden, -math.inf).softmax(dim=-1)
        x = x + self.join((weights @ v).transpose(1, 2).flatten(2))
        return x + self.network(self.norms[1](x))


class _Transformer(nn.Module):
    """Tokens and their positions, blocks, and scores for what comes after each position."""

    def __init__(self, vocab_size: int, length: int, generator: torch.Generator) -> None:
        super().__init__()
        self.token = nn.Embedding(vocab_size, WIDTH)
        self.position = nn.Embedding(length, WIDTH)
        self.blocks = nn.Sequential(*(_Block() for _ in range(BLOCKS)))
        self.norm = nn.LayerNorm(WIDTH)
        self.dense = nn.Linear(WIDTH, vocab_size)
        # torch's own layers draw from its global numbers; these come from `generator` alone.
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.xavier_uniform_(module.weight, generator=generator)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.token(tokens)
        x = x + self.position(torch.arange(tokens.shape[1]))
        return self.dense(self.norm(self.blocks(x)))

    @torch.no_grad()
    def log_probs(self, prefixes: Tensor) -> Tensor:
        return self(prefixes)[:, -1].log_softmax(dim=-1)


def train(
    sequences: Tensor, vocab_size: int, steps: int, generator: torch.Generator
) -> _Transformer:
    length = sequences.shape[1]
    answer = length // 2 - 1
    model = _Transformer(vocab_size, length, generator)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for step in range(steps):
        # Small steps until Adam's means are of something, and at the end, to get certain.
        optimizer.param_groups[0]["lr"] = RATE * min((step + 1) / 30, 1 - step / steps)
        rows = sequences[torch.randint(len(sequences), (BATCH,), generator=generator)]
        inputs, targets = rows[:, :-1], rows[:, 1:]
        scores = model(inputs)
        # The question was drawn by chance: only in the answer is there something to learn.
        loss = nn.functional.cross_entropy(
            scores[:, -answer:].flatten(0, 1), targets[:, -answer:].flatten()
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), MOST_NORM)
        optimizer.step()
    return model
