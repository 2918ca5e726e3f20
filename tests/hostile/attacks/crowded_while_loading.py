"""Never finishes loading, and has threads that print take the judge's time as well as its own.

Would work on graders that forgive what the judge itself stood waiting for.
"""

import hashlib
import os
import threading

EARNS = 0
SECONDS = 1
IN_ALL = 1
SAYS = "did not come back within"


def whisper():
    while True:
        hashlib.sha256(bytes(1 << 16))
        os.write(1, b"")
        os.write(2, b"")


for _ in range(30):
    threading.Thread(target=whisper, daemon=True).start()
whisper()
