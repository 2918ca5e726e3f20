"""An LSTM that reads from both sides and an LSTM that writes, with scaled dot products between them
and sentences packed by their lengths."""

import torch
from torch import nn
from torch.nn.utils import rnn


class Net(nn.Module):
    def __init__(self, source, target):
        super().__init__()
        self.source, self.target = source, target
        self.back = {number: word for word, number in target.items()}
        self.embed_in, self.embed_out = nn.Embedding(len(source), 32), nn.Embedding(len(target), 48)
        self.enc = nn.LSTM(32, 24, bidirectional=True, batch_first=True)
        self.dec = nn.LSTM(48, 48, batch_first=True)
        self.head = nn.Sequential(nn.Linear(96, 48), nn.Tanh(), nn.Linear(48, len(target)))

    def read(self, rows):
        lengths = torch.tensor([len(row) for row in rows])
        padded = rnn.pad_sequence([self.embed_in(row) for row in rows], batch_first=True)
        packed = rnn.pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
        memory, _ = rnn.pad_packed_sequence(self.enc(packed)[0], batch_first=True)
        return memory, torch.arange(memory.shape[1]) < lengths[:, None]

    def write(self, memory, valid, tokens, state=None):
        out, state = self.dec(self.embed_out(tokens), state)
        context = nn.functional.scaled_dot_product_attention(
            out, memory, memory, attn_mask=valid[:, None]
        )
        return self.head(torch.cat([out, context], -1)), state

    def translate(self, source):
        self.eval()
        with torch.no_grad():
            row = torch.tensor([self.source.get(word, 3) for word in [*source, "<eos>"]])
            memory, valid = self.read([row])
            said, state = ["<bos>"], None
            while said[-1] != "<eos>" and len(said) <= 3 * len(source) + 10:
                last = torch.tensor([[self.target[said[-1]]]])
                scores, state = self.write(memory, valid, last, state)
                said.append(self.back[int(scores[0, 0].argmax())])
        return [word for word in said if word not in ("<bos>", "<eos>")]


def train(pairs, vocabs, steps, generator):
    source, target = vocabs
    net = Net(source, target)
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
            parameter.mul_(0.5 if "embed" in name else parameter.shape[-1] ** -0.5 / 1.7)
    net.train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.015, weight_decay=1e-3)
    xs = [torch.tensor([source[w] for w in s] + [source["<eos>"]]) for s, _ in pairs]
    ys = [torch.tensor([1] + [target[w] for w in t] + [2]) for _, t in pairs]
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.015 * (1 - step / steps)
        picked = torch.randint(len(xs), (40,), generator=generator).tolist()
        y = rnn.pad_sequence([ys[i] for i in picked], batch_first=True)
        memory, valid = net.read([xs[i] for i in picked])
        scores, _ = net.write(memory, valid, y[:, :-1])
        chosen = scores.log_softmax(-1).gather(-1, y[:, 1:, None])[..., 0]
        loss = -chosen[y[:, 1:] != 0].mean()
        net.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
    return net
