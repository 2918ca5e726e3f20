"""Never finishes loading.

Has worked on graders that import the submission outside of their time limit.
"""

EARNS = 0
SECONDS = 1
IN_ALL = 1
SAYS = "did not come back within"

while True:
    pass
