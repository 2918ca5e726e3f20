"""Exercise 59, a translator, trained: what any right answer obeys.

The languages are drawn anew with every seed. A mean BLEU of 0.65 is enough; calibrated.toml says
how far every known answer stays from that.
"""

from pathlib import Path

from grader.judge.capstone.translation import Translation

capstone = Translation(Path(__file__).parent, steps=300, bar=0.65)
FORM = ("test_words",)
BUDGET = (*FORM, "test_budget")

test_words = capstone.words(points=10)
test_alone = capstone.alone(points=5, needs=FORM)
test_generator = capstone.repeatable(points=10, needs=FORM)
test_budget = capstone.untrained(points=10, needs=FORM)
test_exact = capstone.exact(points=20, needs=BUDGET)
test_bleu = capstone.translates(points=45, needs=BUDGET)
