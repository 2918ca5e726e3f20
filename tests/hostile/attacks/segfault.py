"""Reads where no memory is, so that the system ends the process without Python's knowing.

Has worked on graders that run the tests in the student's process and take no result for a good one.
"""

import ctypes

EARNS = 0
SAYS = "SIGSEGV"


def attention_scores(queries, keys, *values):
    ctypes.string_at(8)


attention = attention_scores
