"""What exercise 51 is given: a language model whose text is to be judged."""

from torch import Tensor, nn


class LanguageModel(nn.Module):
    """model(tokens): tokens (N, T), int64; gives the scores of the next token, (N, T, V).

    In training mode it drops half of what it reads, another half in each call.
    """

    def __init__(self, vocab_size: int, num_hiddens: int, num_layers: int = 1) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, num_hiddens)
        self.dropout = nn.Dropout(0.5)
        self.rnn = nn.GRU(num_hiddens, num_hiddens, num_layers, batch_first=True)
        self.linear = nn.Linear(num_hiddens, vocab_size)

    def forward(self, tokens: Tensor) -> Tensor:
        outputs, _ = self.rnn(self.dropout(self.embedding(tokens)))
        return self.linear(outputs)


class ThriftyModel(LanguageModel):
    """The same where memory is short: outside of training it will not record gradients."""

    def forward(self, tokens: Tensor) -> Tensor:
        scores = super().forward(tokens)
        if scores.requires_grad and not self.training:
            raise MemoryError("a whole text is too long to record gradients: torch.no_grad()")
        return scores
