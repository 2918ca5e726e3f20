"""What a process does once, before it is a worker or workers are forked from it."""

import gc
import importlib

import torch

from grader.worker import sandbox


def warm_optimizers() -> None:
    """Have ready what torch imports with the first optimizer of a process, for a second."""
    importlib.import_module("torch._dynamo")
    gc.collect()
    gc.freeze()


def warm_up() -> None:
    """Pay the costs of the first operations here, once, so that no worker pays them; find out what
    the sandbox needs to know.

    One thread, always: a fork after a multi-threaded operation hangs in the child's first one.
    No backward pass: torch refuses autograd in a fork of a process that ran one.
    """
    torch.set_num_threads(1)
    for dtype in (torch.float64, torch.float32):
        a = torch.full((2, 3, 4), 0.5, dtype=dtype)
        (a @ a.transpose(-2, -1)).softmax(-1)
        a.sigmoid().tanh().exp().sin().cos().relu().sqrt().norm()
        torch.einsum("nij,nkj->nik", a, a)
        torch.nn.functional.linear(a, a[0])
        torch.stack([a, a]).sum(0).chunk(2, -1)
        torch.linalg.vector_norm(a)
    sandbox.prepare()
    gc.collect()
    gc.freeze()
