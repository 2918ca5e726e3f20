"""Never finishes loading.

Has worked on graders that import the submission outside of their time limit.
"""

EARNS = 0
SAYS = "within the time limit"

while True:
    pass
