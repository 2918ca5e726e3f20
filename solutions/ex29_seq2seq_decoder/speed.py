"""Exercise 29, one step of a decoder: what is timed."""

import torch

FUNCTION = "seq2seq_decode_step"


def inputs(generator, device):
    """A batch of words, states and contexts, the embedding, and the parameters, float32."""
    batch, words, size = (2048, 8192, 512) if device == "cuda" else (384, 1024, 256)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    token = torch.randint(words, (batch,), generator=generator)
    h, context, embedding = draw(batch, size), draw(batch, size), draw(words, size)
    w_ih, w_hh, w_out = draw(3 * size, 2 * size), draw(3 * size, size), draw(words, size)
    w_ih, w_hh, w_out = w_ih / (2 * size) ** 0.5, w_hh / size**0.5, w_out / size**0.5
    biases = draw(3 * size), draw(3 * size)
    return token, h, context, embedding, w_ih, w_hh, *biases, w_out, draw(words)


def builtin(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, w_out, b_out):
    x = torch.cat((torch.nn.functional.embedding(token, embedding), context), dim=1)
    h = torch.gru_cell(x, h, w_ih, w_hh, b_ih, b_hh)
    return torch.log_softmax(torch.nn.functional.linear(h, w_out, b_out), dim=1), h
