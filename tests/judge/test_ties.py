"""A softmax whose weights do not sum to 1 where scores are very large is found everywhere."""

from pathlib import Path

import pytest

from grader.course import model as course
from grader.judge.effort import Effort
from grader.judge.wrong import wrong_answers
from grader.report import Status

COURSE = course.load(Path(__file__).resolve().parents[2])
LARGE = {3: "scores", 33: "scores", 34: "scores", 35: "scores", 39: "", 40: ""}


@pytest.mark.parametrize("number", LARGE)
def test_the_logarithm_of_a_sum_is_lost_beside_large_scores(number, grade_source):
    """exp(scores - logsumexp(scores)) loses the property of large values."""
    exercise = COURSE.exercise(str(number))
    (answer,) = (a for a in wrong_answers(exercise.room) if a.name == "log_of_sum")
    name = "_".join(filter(None, ("test_large", LARGE[number])))
    report = grade_source(str(number), answer.source, only=name, effort=Effort.VERDICT, speed=False)
    assert report.status is Status.FAILED
    assert [(result.name, result.score) for result in report.properties] == [(name, 0)]
