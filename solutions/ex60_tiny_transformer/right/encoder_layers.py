"""torch's own encoder layers with a causal mask, sinusoidal positions, and rows in one order."""

import torch
from torch import nn

WIDTH, LENGTHS = 64, 64


def _positions():
    place = torch.arange(LENGTHS)[:, None]
    angle = place / 100.0 ** (torch.arange(0, WIDTH, 2) / WIDTH)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


class Net(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, WIDTH)
        layer = nn.TransformerEncoderLayer(
            WIDTH, 4, 128, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(
            layer, 2, norm=nn.LayerNorm(WIDTH), enable_nested_tensor=False
        )
        nn.init.normal_(self.embed.weight, std=0.3)
        self.head = nn.Linear(WIDTH, vocab_size)
        self.register_buffer("positions", _positions())
        for parameter in self.encoder.parameters():
            if parameter.dim() > 1:  # the layers are copies of one another
                nn.init.xavier_uniform_(parameter)

    def forward(self, tokens):
        length = tokens.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        x = self.embed(tokens) + self.positions[:length]
        return self.head(self.encoder(x, mask=mask, is_causal=True))

    def log_probs(self, prefixes):
        self.eval()
        with torch.inference_mode():
            return nn.functional.log_softmax(self(prefixes)[:, -1], dim=-1)


def train(sequences, vocab_size, steps, generator):
    seed = int(torch.randint(2**31, (), generator=generator))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Net(vocab_size)
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.004, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / 20, 1.02 - step / max(steps, 1))
    )
    order = torch.randperm(len(sequences), generator=generator)
    for step in range(steps):
        picked = torch.arange(64 * step, 64 * (step + 1)) % len(sequences)
        rows = sequences[order[picked]]
        scores = net(rows[:, :-1])
        answer = rows[:, rows.shape[1] // 2 + 1 :]
        loss = nn.functional.cross_entropy(scores[:, -answer.shape[1] :].transpose(1, 2), answer)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net
