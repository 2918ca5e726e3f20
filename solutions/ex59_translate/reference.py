"""Exercise 59, a translator, trained: the reference."""

import torch
from torch import Tensor, nn

PAD, BOS, EOS, UNK = range(4)
WIDTH = 32
HIDDEN = 48
BATCH = 32
RATE = 0.01
MOST_NORM = 1.0
MOST_WORDS = 40


class _Translator(nn.Module):
    """A GRU that reads, a GRU that writes, and attention from the second to the first."""

    def __init__(self, vocabs: tuple[dict[str, int], dict[str, int]], generator: torch.Generator):
        super().__init__()
        self.numbers, target = vocabs
        self.words = list(target)
        self.reads = nn.Embedding(len(self.numbers), WIDTH)
        self.writes = nn.Embedding(len(target), WIDTH)
        self.encoder = nn.GRU(WIDTH, HIDDEN, batch_first=True)
        self.decoder = nn.GRU(WIDTH, HIDDEN, batch_first=True)
        self.query = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.dense = nn.Linear(2 * HIDDEN, len(target))
        reach = HIDDEN**-0.5
        # torch's own layers draw from its global numbers; these come from `generator` alone.
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -reach, reach, generator=generator)

    def encode(self, sources: Tensor) -> tuple[Tensor, Tensor]:
        memory, _ = self.encoder(self.reads(sources))
        return memory, sources == PAD

    def decode(
        self, memory: Tensor, padding: Tensor, inputs: Tensor, state: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        outputs, state = self.decoder(self.writes(inputs), state)
        # All steps look at once: none needs what another has found.
        scores = self.query(outputs) @ memory.mT
        weights = scores.masked_fill(padding[:, None], -torch.inf).softmax(dim=-1)
        return self.dense(torch.cat([outputs, weights @ memory], dim=-1)), state

    @torch.no_grad()
    def translate(self, source: list[str]) -> list[str]:
        numbers = [self.numbers.get(word, UNK) for word in source]
        memory, padding = self.encode(torch.tensor([[*numbers, EOS]]))
        said: list[str] = []
        token, state = BOS, None
        while len(said) < MOST_WORDS:
            scores, state = self.decode(memory, padding, torch.tensor([[token]]), state)
            token = int(scores[0, -1].argmax())
            if token == EOS:
                break
            said.append(self.words[token])
        return said


def _padded(sentences: list[list[int]]) -> Tensor:
    rows = [torch.tensor(sentence) for sentence in sentences]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)


def train(
    pairs: list[tuple[list[str], list[str]]],
    vocabs: tuple[dict[str, int], dict[str, int]],
    steps: int,
    generator: torch.Generator,
) -> _Translator:
    source, target = vocabs
    sources = _padded([[*(source[word] for word in words), EOS] for words, _ in pairs])
    targets = _padded([[BOS, *(target[word] for word in words), EOS] for _, words in pairs])
    model = _Translator(vocabs, generator)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for step in range(steps):
        # Smaller steps towards the end: what it learns of longer sentences settles.
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps)
        rows = torch.randint(len(pairs), (BATCH,), generator=generator)
        memory, padding = model.encode(sources[rows])
        # It reads what it should have written, one place later.
        scores, _ = model.decode(memory, padding, targets[rows, :-1])
        loss = nn.functional.cross_entropy(
            scores.flatten(0, 1), targets[rows, 1:].flatten(), ignore_index=PAD
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), MOST_NORM)
        optimizer.step()
    return model
