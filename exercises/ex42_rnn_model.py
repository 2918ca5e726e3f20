"""Exercise 42. A language model around a recurrent layer

The recurrent layer is there already, whichever it is: nn.RNN, nn.GRU or nn.LSTM, of some layers, in
one direction or two, sequence first. What is missing around it makes it a language model: tokens
become one-hot vectors before it, its outputs become scores for the next token behind it, and there
is a state to begin with.

    X        = one-hot of the tokens, time first              (T, N, V)
    Y, state = rnn_layer(X, state)                            (T, N, directions * H)
    scores   = linear(Y)                                      (T * N, V)

The layer itself tells what you need to know of it: hidden_size, num_layers, bidirectional.

Source: Zhang et al., "Dive into Deep Learning", the concise implementation of recurrent networks.
"""

from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


class RNNModel(nn.Module):
    """A language model: one-hot vectors, a recurrent layer, an output layer.

    The layer that is given is a part of the model, itself and no copy; the output layer is an
    nn.Linear by the name of `linear`. There are no other parameters.
    """

    def __init__(self, rnn_layer: nn.RNN | nn.GRU | nn.LSTM, vocab_size: int) -> None:
        """Keep the layer, whose input size is vocab_size, and make the output layer."""
        super().__init__()
        # TODO: how many numbers does the layer give for each step, with two directions?
        raise NotImplementedError

    def forward(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """Score every token after each step.

        inputs: (N, T) whole numbers below V; state: as begin_state gives it, and as the layer does.
        Returns (scores, state): scores (T*N, V), the N rows of the first step, then those of the
        second; the state as the layer leaves it. One-hot vectors are of the layer's dtype.
        """
        # TODO: the batch comes first in inputs. Where does it stand for the layer, and in the rows?
        raise NotImplementedError

    def begin_state(self, batch_size: int) -> State:
        """Return zeros, as the layer wants its state: (L * directions, N, H), twice for an nn.LSTM.

        They are of the dtype of the layer's parameters, and on their device.
        """
        # TODO: what can you ask the layer, so that one line is right for all three?
        raise NotImplementedError
