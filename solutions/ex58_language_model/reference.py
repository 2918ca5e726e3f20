"""Exercise 58, a language model, trained: the reference."""

import torch
from torch import Tensor, nn

WINDOW = 12
BATCH = 32
HIDDEN = 32
RATE = 0.02
MOST_NORM = 1.0


class _LanguageModel(nn.Module):
    """A GRU that reads tokens, and a layer that scores what comes after each of them."""

    def __init__(self, vocab_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.rnn = nn.GRU(vocab_size, HIDDEN, batch_first=True)
        self.dense = nn.Linear(HIDDEN, vocab_size)
        reach = HIDDEN**-0.5
        # torch's own layers draw from its global numbers; these come from `generator` alone.
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -reach, reach, generator=generator)

    def forward(self, tokens: Tensor) -> Tensor:
        inputs = nn.functional.one_hot(tokens, self.vocab_size).float()
        outputs, _ = self.rnn(inputs)
        return self.dense(outputs)

    @torch.no_grad()
    def log_probs(self, prefixes: Tensor) -> Tensor:
        return self(prefixes)[:, -1].log_softmax(dim=-1)


def train(
    corpus: Tensor, vocab_size: int, steps: int, generator: torch.Generator
) -> _LanguageModel:
    model = _LanguageModel(vocab_size, generator)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(steps):
        starts = torch.randint(len(corpus) - WINDOW, (BATCH,), generator=generator)
        windows = corpus[starts[:, None] + torch.arange(WINDOW + 1)]
        scores = model(windows[:, :-1])
        # What comes after each token is the token one place further on.
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), windows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), MOST_NORM)
        optimizer.step()
    return model
