"""Loops once; when its replacement is set up, sleeps where the grader does not expect it.

Would work on graders that limit the time of the calls only.
"""

import random
import time

EARNS = 0
SAYS = "within the time limit"

calls = []


def seed(*args):
    calls.append(args)
    if len(calls) > 1:
        time.sleep(1e6)


random.seed = seed


def attention_scores(queries, keys):
    while True:
        pass


attention = attention_scores
