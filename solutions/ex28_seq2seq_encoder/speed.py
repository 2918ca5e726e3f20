"""Exercise 28, an encoder for sequences: what is timed."""

import torch

FUNCTION = "seq2seq_encode"


def inputs(generator, device):
    """A batch of sentences, the embedding, and the parameters, float32."""
    time, batch, size = (64, 256, 512) if device == "cuda" else (64, 32, 128)
    words = 1000

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    tokens = torch.randint(words, (time, batch), generator=generator)
    w_ih, w_hh = (draw(3 * size, size) / size**0.5 for _ in range(2))
    return tokens, draw(words, size), w_ih, w_hh, draw(3 * size), draw(3 * size)


def builtin(tokens, embedding, *parameters):
    x = torch.nn.functional.embedding(tokens, embedding)
    h0 = x.new_zeros(1, x.shape[1], parameters[1].shape[1])
    outputs, h_n = torch.gru(x, h0, parameters, True, 1, 0.0, False, False, False)
    return outputs, h_n[0]
