"""Grade deep-learning exercises: a judge that holds the answers, and a worker that holds none."""

__version__ = "0.1.0"
