"""What exercise 54 is given: a small language model, and an optimizer that takes notes."""

from typing import Any

import torch
from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


class LanguageModel(nn.Module):
    """Scores for the next token, with the methods of exercise 42."""

    def __init__(
        self, vocab_size: int, hidden: int, kind: str = "GRU", layers: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.shape = (layers, hidden)
        self.embedding = nn.Embedding(vocab_size, hidden)
        # Between the layers it drops, in training mode only.
        self.rnn = getattr(nn, kind)(hidden, hidden, layers, dropout=dropout)
        self.linear = nn.Linear(hidden, vocab_size)

    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """tokens (N, T) give scores (T*N, V), time first, and the state."""
        outputs, state = self.rnn(self.embedding(tokens.T), state)
        return self.linear(outputs.flatten(0, 1)), state

    def begin_state(self, batch_size: int) -> State:
        """Zeros; a pair of them for an LSTM."""
        layers, hidden = self.shape
        zeros = self.linear.weight.new_zeros(layers, batch_size, hidden)
        return (zeros, zeros.clone()) if isinstance(self.rnn, nn.LSTM) else zeros


def begun(state: State) -> State:
    """A state to begin with, of these numbers."""
    if isinstance(state, tuple):
        return tuple(part.clone() for part in state)
    return state.clone()


class Descent:
    """Plain gradient descent. Every step notes what it was made with, and what came of it."""

    def __init__(self, model: nn.Module, lr: float) -> None:
        self.lr = lr
        self.named = dict(model.named_parameters())
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
