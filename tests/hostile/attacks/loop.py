"""Never comes back.

Has worked on graders without a time limit: the whole class waits.
"""

EARNS = 0
SAYS = "within the time limit"


def attention_scores(queries, keys):
    while True:
        pass


attention = attention_scores
