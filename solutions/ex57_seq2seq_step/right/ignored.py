"""The padding of the targets becomes -100, which cross_entropy leaves out; all rows at once."""

import torch
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_


def seq2seq_train_step(encoder, decoder, batch, optimizer, max_norm):
    src, src_len, tgt, tgt_len = batch
    encoder.train(mode=True)
    decoder.train(mode=True)
    n, steps = tgt.shape
    inputs = torch.nn.functional.pad(tgt, (1, 0), value=1)[:, :steps]
    logits = decoder(inputs, decoder.init_state(encoder(src), src_len))[0]
    mask = torch.arange(steps).repeat(n, 1) < tgt_len.view(n, 1)
    wanted = torch.where(mask, tgt, -100)
    total = functional.cross_entropy(
        logits.reshape(n * steps, -1), wanted.reshape(-1), ignore_index=-100, reduction="sum"
    )
    loss = total.div(steps)

    for group in optimizer.param_groups:
        for p in group["params"]:
            p.grad = None
    loss.backward()
    clip_grad_norm_((p for group in optimizer.param_groups for p in group["params"]), max_norm)
    optimizer.step()
    return loss.item(), mask.sum().item()
