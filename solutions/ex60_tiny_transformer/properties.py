"""Exercise 60, a tiny Transformer: what any right answer obeys.

What the tokens mean is drawn anew with every seed. The bar is a perplexity of 1.2, where 1 is
possible; calibrated.toml says how far every known answer stays from that.
"""

from pathlib import Path

from grader.judge.capstone.puzzles import Answering

capstone = Answering(Path(__file__).parent, steps=400, bar=1.2)
FORM = ("test_distribution",)
BUDGET = (*FORM, "test_budget")

test_distribution = capstone.distribution(points=10)
test_alone = capstone.alone(points=5, needs=FORM)
test_generator = capstone.repeatable(points=10, needs=FORM)
test_budget = capstone.untrained(points=10, needs=FORM)
test_learns = capstone.learns(points=20, needs=BUDGET)
test_perplexity = capstone.predicts(points=45, needs=BUDGET)
