"""A model that is trained is held against what is possible at all."""

import dataclasses
import math

import pytest
import torch

from grader.formats import curve, html, terminal
from grader.judge.capstone import base
from grader.judge.capstone.markov import Chain, bigrams
from grader.judge.prove import calibrate
from grader.report import Report, Status, Trained, Training
from tests import training

TRAINED = Training(
    steps=(0, 200, 400),
    student=(6.1, 3.5, 2.6),
    reference=(5.9, 3.0, 2.5),
    uniform=6.0,
    bigram=4.5,
    floor=2.4,
    bar=2.88,
)


@pytest.fixture
def exercise(tmp_path):
    """Exercise 58 with less to learn, and for who trains as long as they like, 60 steps."""
    found = training.small(tmp_path)
    path = found.room / "misconceptions.py"
    text = path.read_text()
    assert "range(400)" in text
    path.write_text(text.replace("range(400)", "range(60)"))
    return found


def test_a_sources_floor_is_its_entropy():
    """Its own probabilities reach it on long text; counts of pairs reach no more than what one
    token tells."""
    generator = torch.Generator().manual_seed(3)
    chain = Chain.drawn(4, generator)
    assert torch.allclose(chain.pairs.sum(), torch.tensor(1.0, dtype=torch.float64))
    assert torch.allclose(chain.pairs.sum(0), chain.pairs.sum(1))
    text = chain.text(30_000, generator)
    prefixes = text.unfold(0, 3, 1)[:, :2]
    assert chain.least(prefixes) == pytest.approx(chain.floor, rel=0.01)
    # The token that came, rather than what could come: the same within chance.
    came = chain.next(prefixes).gather(1, text[2:, None]).log().mean()
    assert math.exp(-came) == pytest.approx(chain.floor, rel=0.03)
    counted = bigrams(text, 4)[prefixes[:, 1]]
    known = chain.after_one.log()[prefixes[:, 1]]
    assert chain.perplexity(counted, prefixes) == pytest.approx(
        chain.perplexity(known, prefixes), rel=0.01
    )
    uniform = torch.full_like(counted, -math.log(4))
    assert chain.perplexity(uniform, prefixes) == pytest.approx(4.0)
    ruled_out = torch.where(counted == counted.max(-1, keepdim=True).values, -math.inf, counted)
    assert chain.perplexity(ruled_out, prefixes) > 1e100


@pytest.mark.slow
def test_a_right_answer_passes_and_its_curve_is_told(exercise, forkserver):
    """The same report each time, with the curve beside what it is read by; and every model is told
    of while it trains."""
    seen = []
    reports = [
        training.graded(
            exercise, training.reference(exercise), forkserver, progress=seen.append, seed=5
        )
        for _ in range(2)
    ]
    found = reports[0].training
    assert reports[0].status is Status.PASSED
    assert reports[1].training == found
    assert found.steps == (0, 8, 15, 30, 60)
    assert found.floor < found.student[-1] < found.bar < found.bigram < found.uniform == 3.0
    assert found.student[0] > found.student[2] > found.student[-1]
    assert found.reference == ()  # nothing is calibrated
    told = [each for each in seen if isinstance(each, Trained)]
    assert {each.steps for each in told} == set(found.steps)
    assert any(math.isnan(each.reached) for each in told)
    assert Report.from_json(reports[0].as_json()).training == found
    wrong = training.reference(exercise).replace("optimizer.step()", "pass")
    assert training.graded(exercise, wrong, forkserver, seed=5).score == 35  # nothing is remembered


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["TargetsNotShifted", "NeverSteps", "OverTheBatch", "StepsIgnored"]
)
def test_a_mistake_is_named_by_what_training_shows(name, exercise, forkserver):
    """Whatever the model is built of: no run of the known mistake is needed for that."""
    training.assert_named(exercise, name, forkserver)


def test_each_sign_names_one_mistake(exercise):
    """Every misconception of an exercise that trains has a sign of its own."""
    training.assert_signs_differ(exercise)


@pytest.mark.slow
def test_the_bar_is_calibrated(exercise, forkserver, monkeypatch):
    """Every known answer is measured once, and what is written goes on where it was left; a bar
    that lies too near fails."""
    for path in (exercise.room / "right").glob("*.py"):
        path.unlink()
    kept = (exercise.room / "misconceptions.py").read_text().split("class NeverSteps")[0]
    (exercise.room / "misconceptions.py").write_text(kept)
    contract = calibrate.capstone_of(exercise)
    assert contract == dataclasses.replace(contract, steps=60)
    lines = list(calibrate.calibrate(exercise, forkserver, contract, 2))
    assert len(lines) == 2
    path = exercise.room / base.CALIBRATED
    curve_ = base.curve_of(exercise.room)
    assert len(curve_) == len(base.SHARES)
    assert curve_[0] > curve_[-1] > 0
    written = path.read_text()

    def never(*_: object, **__: object) -> None:
        raise AssertionError("it is measured already")

    monkeypatch.setattr(calibrate, "grade", never)
    assert list(calibrate.calibrate(exercise, forkserver, contract, 2)) == lines
    assert path.read_text() == written
    right, wrong = calibrate._read(path)
    right.ratios, wrong.ratios = [1.03, 1.05], [1.9, 2.1]
    calibrate._write(path, contract, [right, wrong])
    assert all(holds for _, holds in calibrate.checks(exercise, contract, 2))
    assert not any(holds for _, holds in calibrate.checks(exercise, contract, 3))
    near = dataclasses.replace(contract, bar=right.mean * math.exp(3 * right.spread))
    assert [holds for _, holds in calibrate.checks(exercise, near, 2)] == [False, True]
    other = dataclasses.replace(contract, steps=61)
    assert not any(holds for _, holds in calibrate.checks(exercise, other, 2))


@pytest.mark.parametrize("width", [24, 60, 100])
def test_a_curve_is_drawn_at_a_terminal(width):
    """With the lines that it is read by, whatever the model does."""
    text = curve.draw(TRAINED, width).plain
    assert "2.40 the source itself" in text
    assert "6.00 knows nothing" in text
    wild = dataclasses.replace(TRAINED, student=(6.1, math.inf, math.nan), reference=())
    assert "o" in curve.draw(wild, width).plain


def test_a_curve_is_drawn_on_a_page():
    """Both curves, and a line for each level, in a report of whatever format."""
    report = Report(58, "x", "X", "x.py", "", Status.PASSED, 100, 100, training=TRAINED)
    page = html.render(report)
    assert page.count("<polyline") == 4
    assert page.count('class="level') == 8
    assert "Perplexity on text" in terminal.plain(report)
    assert "after 400 steps: perplexity 2.6" in terminal.plain(report)
