"""Removes shared memory, semaphores and queues of the user's other programs by their numbers.

Has worked on seccomp filters that refuse to make them (`shmget`) and not to take them away.
"""

import ctypes
import platform

EARNS = 0
SAYS = "nothing to remove"
AGAINST = "seccomp"

REMOVE, NOT_PERMITTED = 0, 1
# Numbers of shmctl, semctl, msgctl, mq_unlink, io_setup and io_destroy, of two kinds of machines.
NUMBERS = {
    "x86_64": (31, 66, 71, 241, 206, 207),
    "aarch64": (195, 191, 187, 181, 0, 1),
}


def attention_scores(queries, keys, *values):
    libc = ctypes.CDLL(None, use_errno=True)
    shm, sem, msg, unlink, setup, destroy = NUMBERS[platform.machine()]
    calls = {
        # The numbers are none that anybody has: a test must not remove what it has not made.
        "shared memory": (shm, 0x7FFFFFFF, REMOVE, 0),
        "semaphores": (sem, 0x7FFFFFFF, 0, REMOVE, 0),
        "a queue": (msg, 0x7FFFFFFF, REMOVE, 0),
        "a named queue": (unlink, b"grade-attack"),
        "a context": (setup, 1, ctypes.byref(ctypes.c_ulong(0))),
        "an end of one": (destroy, 0),
    }
    for name, call in calls.items():
        if libc.syscall(*call) == 0 or ctypes.get_errno() != NOT_PERMITTED:
            print("REACHED", name)
    raise LookupError("nothing to remove")


attention = attention_scores
