"""GRUs that read the batch first; keys are projected once for all steps; einsum."""

import torch
from torch import einsum, nn


class Seq2SeqEncoder(nn.Module):
    def __init__(self, vocab_size, embed_size, num_hiddens, num_layers):
        super().__init__()
        self.rnn = nn.GRU(embed_size, num_hiddens, num_layers, batch_first=True)
        self.embedding = nn.Embedding(vocab_size, embed_size)

    def forward(self, tokens):
        outputs, hidden = self.rnn(self.embedding.weight[tokens])
        return outputs.movedim(1, 0), hidden


class Scores(nn.ModuleDict):
    def __init__(self, units):
        super().__init__({name: nn.Linear(units, units, bias=False) for name in ("W_k", "W_q")})
        self["v"] = nn.Linear(units, 1, bias=False)


class Seq2SeqAttentionDecoder(nn.Module):
    def __init__(self, vocab_size, embed_size, num_hiddens, num_layers):
        super().__init__()
        self.dense = nn.Linear(num_hiddens, vocab_size)
        self.rnn = nn.GRU(embed_size + num_hiddens, num_hiddens, num_layers, batch_first=True)
        self.attention = Scores(num_hiddens)
        self.embedding = nn.Embedding(vocab_size, embed_size)

    def init_state(self, enc_outputs, enc_valid_len):
        return enc_outputs[0].movedim(0, 1), enc_outputs[1], enc_valid_len

    def forward(self, tokens, state):
        memory, hidden, lengths = state
        keys = self.attention["W_k"](memory)
        valid = torch.arange(memory.shape[1], device=memory.device) < lengths.unsqueeze(1)
        scores = []
        for t in range(tokens.shape[1]):
            asked = self.attention["W_q"](hidden[-1]).unsqueeze(1)
            each = einsum("nsh,h->ns", (asked + keys).tanh(), self.attention["v"].weight[0])
            weights = each.masked_fill(~valid, -torch.inf).softmax(1)
            context = einsum("ns,nsh->nh", weights, memory)
            read = torch.hstack((context, self.embedding(tokens[:, t])))
            output, hidden = self.rnn(read.unsqueeze(1), hidden)
            scores.append(self.dense(output))
        return torch.cat(scores, 1), (memory, hidden, lengths)
