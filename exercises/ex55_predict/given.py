"""What exercise 55 is given: a language model, as exercise 42 makes one."""

import torch
from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


class RNNModel(nn.Module):
    """model(inputs, state): inputs (N, T), int64; gives (scores (T*N, V), state).

    kind: "RNN", "GRU" or "LSTM". The scores are those of the first step of all N samples, then of
    the second. In training mode it drops half of what it says, another half in each call.
    """

    def __init__(self, kind: str, vocab_size: int, num_hiddens: int, num_layers: int = 1) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.rnn = getattr(nn, kind)(vocab_size, num_hiddens, num_layers)
        self.dropout = nn.Dropout(0.5)
        self.linear = nn.Linear(num_hiddens, vocab_size)

    def forward(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        X = nn.functional.one_hot(inputs.T, self.vocab_size)
        Y, state = self.rnn(X.to(self.linear.weight.dtype), state)
        return self.linear(self.dropout(Y)).flatten(0, 1), state

    def begin_state(self, batch_size: int) -> State:
        """Zeros, (L, N, H); a pair of them for an LSTM."""
        rnn = self.rnn
        zeros = self.linear.weight.new_zeros(rnn.num_layers, batch_size, rnn.hidden_size)
        return (zeros, torch.zeros_like(zeros)) if isinstance(rnn, nn.LSTM) else zeros


class ThriftyModel(RNNModel):
    """The same where memory is short: outside of training it will not record gradients."""

    def forward(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        scores, state = super().forward(inputs, state)
        if scores.requires_grad and not self.training:
            raise MemoryError("a text without an end records no gradients: torch.no_grad()")
        return scores, state
