"""What exercise 57 is given: an encoder, a decoder, and an optimizer that takes notes."""

from typing import Any

import torch
from torch import Tensor, nn

Context = tuple[Tensor, Tensor]


class Encoder(nn.Module):
    """Reads the source. Between its layers it drops, in training mode only."""

    def __init__(self, vocab_size: int, hidden: int, layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, hidden)
        self.rnn = nn.GRU(hidden, hidden, layers, dropout=dropout)

    def forward(self, tokens: Tensor) -> Context:
        """tokens (N, S) give the outputs (S, N, H) and the last state (L, N, H)."""
        outputs, state = self.rnn(self.embedding(tokens.T))
        return outputs, state


class Decoder(nn.Module):
    """Writes the target, with the mean of what the encoder read before its eyes. It drops, there
    and between its layers, in training mode only."""

    def __init__(self, vocab_size: int, hidden: int, layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, hidden)
        between = dropout if layers > 1 else 0.0
        self.rnn = nn.GRU(2 * hidden, hidden, layers, dropout=between)
        self.dense = nn.Linear(hidden, vocab_size)
        self.dropout = nn.Dropout(dropout)

    def init_state(self, enc_outputs: Context, enc_valid_len: Tensor) -> Context:
        """The mean of the outputs within the lengths (N, H), and the encoder's last state."""
        outputs, state = enc_outputs
        within = torch.arange(len(outputs))[:, None] < enc_valid_len
        mean = (outputs * within[..., None]).sum(0) / enc_valid_len[:, None]
        return self.dropout(mean), state

    def forward(self, tokens: Tensor, state: Context) -> tuple[Tensor, Context]:
        """tokens (N, T) give the scores of the next ones (N, T, V), and the state."""
        context, hidden = state
        words = self.embedding(tokens.T)
        seen = torch.cat([words, context.expand(len(words), -1, -1)], dim=-1)
        outputs, hidden = self.rnn(seen, hidden)
        return self.dense(outputs).transpose(0, 1), (context, hidden)


class Descent:
    """Plain gradient descent for both. Every step notes what it was made with, and what came of
    it."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module, lr: float) -> None:
        self.lr = lr
        both = nn.ModuleDict({"encoder": encoder, "decoder": decoder})
        self.named = dict(both.named_parameters())
        self.param_groups = [{"params": list(self.named.values()), "lr": lr}]
        self.notes: list[dict[str, dict[str, Tensor]]] = []

    def zero_grad(self, set_to_none: bool = True) -> None:
        """No gradient any more, or zeros."""
        for value in self.named.values():
            if set_to_none or value.grad is None:
                value.grad = None
            else:
                value.grad.zero_()

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take lr times the gradient off every parameter."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        grads = {}
        for name, value in self.named.items():
            grads[name] = torch.zeros_like(value) if value.grad is None else value.grad.clone()
            value.sub_(self.lr * grads[name])
        after = {name: value.detach().clone() for name, value in self.named.items()}
        self.notes.append({"gradients": grads, "parameters": after})
        return loss

    def steps(self) -> int:
        """How many there were."""
        return len(self.notes)

    def noted(self, number: int) -> dict[str, dict[str, Tensor]]:
        """The notes of one step, from 1."""
        return self.notes[number - 1]

    def left(self) -> dict[str, Tensor]:
        """The gradients as they are now; zeros where there is none."""
        return {
            name: torch.zeros_like(value) if value.grad is None else value.grad
            for name, value in self.named.items()
        }

    def spoil(self, size: float) -> None:
        """Leave gradients of this size, as something before may have done."""
        for value in self.named.values():
            value.grad = torch.full_like(value, size)
