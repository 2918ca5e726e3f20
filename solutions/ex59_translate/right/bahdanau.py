"""The classes of exercise 47, with additive attention that asks before each word is read."""

import math

import torch
from torch import nn

PAD, BOS, EOS, UNK = 0, 1, 2, 3
H = 48


class Encoder(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, H)
        self.rnn = nn.GRU(H, H)

    def forward(self, tokens):
        return self.rnn(self.embedding(tokens).transpose(0, 1))


class Decoder(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, H)
        self.W_q, self.W_k = nn.Linear(H, H, bias=False), nn.Linear(H, H, bias=False)
        self.v = nn.Linear(H, 1, bias=False)
        self.rnn = nn.GRUCell(2 * H, H)
        self.dense = nn.Linear(3 * H, vocab_size)

    def init_state(self, outputs, valid_len):
        memory = outputs[0].transpose(0, 1)
        padding = torch.arange(memory.shape[1]) >= valid_len[:, None]
        return memory, self.W_k(memory), padding, torch.zeros(len(memory), H)

    def forward(self, tokens, state):
        memory, keys, padding, hidden = state
        outputs = []
        for word in self.embedding(tokens).unbind(1):
            query = self.W_q(hidden + word)[:, None]
            scores = self.v(torch.tanh(query + keys)).squeeze(-1).masked_fill(padding, -math.inf)
            context = (scores.softmax(-1)[:, None] @ memory)[:, 0]
            hidden = self.rnn(torch.cat((context, word), -1), hidden)
            outputs.append(torch.cat((hidden, context, word), -1))
        return self.dense(torch.stack(outputs, 1)), (memory, keys, padding, hidden)


class Model:
    def __init__(self, vocabs, generator):
        self.vocab, self.words = vocabs[0], list(vocabs[1])
        self.encoder, self.decoder = Encoder(len(vocabs[0])), Decoder(len(vocabs[1]))
        self.modules = nn.ModuleList([self.encoder, self.decoder])
        for parameter in self.modules.parameters():
            with torch.no_grad():
                spread = 0.5 if parameter.shape[-1] == H and len(parameter) < 3 * H else 0.12
                parameter.copy_(spread * torch.randn(parameter.shape, generator=generator))

    def translate(self, source):
        tokens = torch.tensor([[self.vocab.get(word, UNK) for word in source] + [EOS]])
        with torch.inference_mode():
            state = self.decoder.init_state(self.encoder(tokens), torch.tensor([tokens.shape[1]]))
            read, said = BOS, []
            for _ in range(30):
                scores, state = self.decoder(torch.tensor([[read]]), state)
                read = scores.argmax().item()
                if read == EOS:
                    break
                said.append(self.words[read])
        return said


def _rows(lines, vocab, ahead=()):
    rows = [[*ahead, *(vocab[word] for word in line), EOS] for line in lines]
    width = max(map(len, rows))
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows])


def train(pairs, vocabs, steps, generator):
    model = Model(vocabs, generator)
    x = _rows([source for source, _ in pairs], vocabs[0])
    y = _rows([target for _, target in pairs], vocabs[1])
    optimizer = torch.optim.Adam(model.modules.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: 1 - n / (steps + 1))
    for _ in range(steps):
        pick = torch.randperm(len(x), generator=generator)[:32]
        x_len, y_len = (x[pick] != PAD).sum(1), (y[pick] != PAD).sum(1)
        source, label = x[pick, : x_len.max()], y[pick, : y_len.max()]
        inputs = torch.cat([torch.full((len(pick), 1), BOS), label[:, :-1]], 1)
        state = model.decoder.init_state(model.encoder(source), x_len)
        scores, _ = model.decoder(inputs, state)
        losses = nn.functional.cross_entropy(scores.transpose(1, 2), label, reduction="none")
        loss = losses[label != PAD].mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.modules.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return model
