"""Returns tensors of the dtypes that torch can hardly compute with, one after another.

Would work on graders that compare or print before they look at the dtype.
"""

import torch

EARNS = 0
SAYS = "dtype"

DTYPES = {
    str(thing): thing
    for thing in vars(torch).values()
    if isinstance(thing, torch.dtype) and thing.itemsize and not str(thing).startswith("torch.q")
}
USUAL = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
ODD = [name for name, dtype in DTYPES.items() if dtype not in USUAL]
calls = []


def odd(shape):
    calls.append(1)
    dtype = DTYPES[ODD[len(calls) % len(ODD)]]
    count = torch.Size(shape).numel()
    return torch.zeros(count * dtype.itemsize, dtype=torch.uint8).view(dtype).view(shape)


def attention_scores(queries, keys):
    return odd((queries.shape[0], queries.shape[1], keys.shape[1]))


def attention(queries, keys, values):
    return odd((*queries.shape[:2], values.shape[2])), attention_scores(queries, keys)
