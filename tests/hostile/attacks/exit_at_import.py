"""Ends the process with success while the file is being loaded, before a test can run.

Has worked on graders that run the tests in the student's process and believe its exit code.
"""

import os

EARNS = 0
SAYS = "ended the whole process (exit code 0)"

os._exit(0)
