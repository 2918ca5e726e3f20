"""An embedding and torch's LSTM, over consecutive text with the state detached between batches."""

import torch
from torch import nn

WIDTH, HIDDEN, ROWS, STEPS = 16, 48, 40, 10


def _lay_out(corpus):
    length = len(corpus) // ROWS
    return corpus[: ROWS * length].view(ROWS, length)


class Net(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, WIDTH)
        self.lstm = nn.LSTM(WIDTH, HIDDEN)
        self.head = nn.Linear(HIDDEN, vocab_size)

    def forward(self, tokens, state=None):
        out, state = self.lstm(self.embedding(tokens.T), state)
        return self.head(out), state

    def log_probs(self, prefixes):
        self.eval()
        with torch.inference_mode():
            scores, _ = self(prefixes)
            return scores[-1] - scores[-1].logsumexp(dim=-1, keepdim=True)


def train(corpus, vocab_size, steps, generator):
    seed = int(torch.randint(2**31, (), generator=generator))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Net(vocab_size)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.015)
    rows = _lay_out(corpus)
    at, state = 0, None
    for _ in range(steps):
        if at + STEPS + 1 > rows.shape[1]:
            at, state = 0, None
        x, y = rows[:, at : at + STEPS], rows[:, at + 1 : at + STEPS + 1]
        at += STEPS
        scores, state = net(x, state)
        state = tuple(each.detach() for each in state)
        log_probs = scores.log_softmax(-1)
        loss = -log_probs.gather(-1, y.T.unsqueeze(-1)).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
    return net
