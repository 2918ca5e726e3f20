"""Exercise 47, an encoder, and a decoder that attends: the reference."""

import math

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor, Tensor]


class Seq2SeqEncoder(nn.Module):
    """Reads the source."""

    def __init__(self, vocab_size: int, embed_size: int, num_hiddens: int, num_layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.rnn = nn.GRU(embed_size, num_hiddens, num_layers)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        # Words come batch first, (N, S, E); a GRU reads time first.
        words = self.embedding(tokens).transpose(0, 1)
        outputs, hidden = self.rnn(words)
        return outputs, hidden


class Seq2SeqAttentionDecoder(nn.Module):
    """Writes the target, and looks at the source before every token."""

    def __init__(self, vocab_size: int, embed_size: int, num_hiddens: int, num_layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.attention = _Attention(num_hiddens)
        self.rnn = nn.GRU(num_hiddens + embed_size, num_hiddens, num_layers)
        self.dense = nn.Linear(num_hiddens, vocab_size)

    def init_state(self, enc_outputs: tuple[Tensor, Tensor], enc_valid_len: Tensor) -> State:
        outputs, hidden = enc_outputs
        # Keys and values are batch first, as attention reads them; hidden is as the GRU has it.
        return outputs.transpose(0, 1), hidden, enc_valid_len

    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        enc_outputs, hidden, enc_valid_len = state
        outputs = []
        for word in self.embedding(tokens).unbind(1):
            # Each step asks anew, with what the top layer knows by now.
            query = hidden[-1].unsqueeze(1)
            context = self.attention(query, enc_outputs, enc_valid_len).squeeze(1)
            # The rnn reads a sequence of one step, (1, N, H + E).
            output, hidden = self.rnn(torch.cat((context, word), dim=-1).unsqueeze(0), hidden)
            outputs.append(output[0])
        # One product serves all steps.
        scores = self.dense(torch.stack(outputs, dim=1))
        return scores, (enc_outputs, hidden, enc_valid_len)


class _Attention(nn.Module):
    """Additive attention, as in exercise 46."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.W_k = nn.Linear(units, units, bias=False)
        self.W_q = nn.Linear(units, units, bias=False)
        self.v = nn.Linear(units, 1, bias=False)

    def forward(self, query: Tensor, memory: Tensor, valid_len: Tensor) -> Tensor:
        hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(memory)[:, None])
        scores = self.v(hidden).squeeze(-1)
        padding = torch.arange(memory.shape[1], device=memory.device) >= valid_len[:, None, None]
        return torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1) @ memory
