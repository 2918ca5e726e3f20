"""Exercise 4, positional encoding: what is drawn."""

TITLE = "The encoding of 32 positions: fast waves on the left, slow ones on the right"
ROWS = "positions"
COLUMNS = "the entries of one position's vector"


def heatmap(answer):
    """A table small enough for a terminal, with a base that lets the slow waves be seen."""
    return answer.positional_encoding(32, 32, 1000.0)
