"""Exercise 36, a decoder that attends: what is timed."""

import torch

FUNCTION = "attention_decode_step"


def inputs(generator, device):
    """A batch of sources of different lengths, and the parameters, float32."""
    batch, time, hidden = (256, 128, 512) if device == "cuda" else (64, 64, 256)
    embedded, vocabulary, lowest = 128, 500, time // 2

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    def below(bound):
        return torch.randint(bound, (batch,), generator=generator)

    return (
        below(vocabulary),
        draw(batch, hidden),
        draw(batch, time, hidden),
        lowest + 1 + below(time - lowest),
        draw(vocabulary, embedded),
        draw(hidden, hidden) / hidden**0.5,
        draw(hidden, hidden) / hidden**0.5,
        draw(hidden) / hidden**0.5,
        draw(3 * hidden, hidden + embedded) / (hidden + embedded) ** 0.5,
        draw(3 * hidden, hidden) / hidden**0.5,
        draw(3 * hidden),
        draw(3 * hidden),
    )


def builtin(token, h, enc_outputs, enc_valid_len, embedding, w_q, w_k, w_v, *gru):
    scores = torch.tanh((h @ w_q.T)[:, None] + enc_outputs @ w_k.T) @ w_v
    padding = torch.arange(scores.shape[1], device=h.device) >= enc_valid_len[:, None]
    weights = torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    context = torch.bmm(weights[:, None], enc_outputs)[:, 0]
    x = torch.cat((context, torch.nn.functional.embedding(token, embedding)), dim=-1)
    return torch.gru_cell(x, h, *gru), weights
