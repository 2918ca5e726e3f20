"""One sample after another, over what is valid and nothing else."""

import torch
from torch import nn


class Seq2SeqEncoder(nn.Module):
    def __init__(self, vocab_size, embed_size, num_hiddens, num_layers):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.rnn = nn.GRU(input_size=embed_size, hidden_size=num_hiddens, num_layers=num_layers)

    def forward(self, tokens):
        read = [self.rnn(self.embedding(row)) for row in tokens]
        return torch.stack([each for each, _ in read], 1), torch.stack([h for _, h in read], 1)


class Additive(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.W_k = nn.Linear(units, units, bias=False)
        self.W_q = nn.Linear(units, units, bias=False)
        self.v = nn.Linear(units, 1, bias=False)

    def forward(self, query, memory):
        scores = self.v(torch.tanh(self.W_k(memory) + self.W_q(query)))[:, 0]
        parts = torch.exp(scores - scores.max())
        return parts / parts.sum() @ memory


class Seq2SeqAttentionDecoder(nn.Module):
    def __init__(self, vocab_size, embed_size, num_hiddens, num_layers):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.attention = Additive(num_hiddens)
        self.rnn = nn.GRU(embed_size + num_hiddens, num_hiddens, num_layers)
        self.dense = nn.Linear(num_hiddens, vocab_size)

    def init_state(self, enc_outputs, enc_valid_len):
        outputs, hidden = enc_outputs
        return torch.stack(list(outputs), 1), hidden, enc_valid_len

    def forward(self, tokens, state):
        memory, hidden, lengths = state
        rows, last = [], []
        for n, row in enumerate(tokens):
            h = hidden[:, n].contiguous()
            outputs = []
            for word in self.embedding(row):
                context = self.attention(h[-1], memory[n, : int(lengths[n])])
                output, h = self.rnn(torch.cat([context, word])[None], h)
                outputs.append(output[0])
            rows.append(self.dense(torch.stack(outputs)))
            last.append(h)
        return torch.stack(rows), (memory, torch.stack(last, 1), lengths)
