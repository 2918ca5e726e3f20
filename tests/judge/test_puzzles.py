"""Sequences that take attention to positions and contents: what is right, and what a model shows
that does not look at one of them."""

import math
from pathlib import Path

import pytest
import torch

from grader.judge.capstone.next_token import PREFIXES, Seen
from grader.judge.capstone.puzzles import ADD, COPY, SORT, Answering, Puzzles
from grader.judge.capstone.source import perplexity
from grader.judge.wrong import misconceptions
from grader.report import Status, Training
from tests import training

CAPSTONE = Answering(Path(), steps=400, bar=1.2)


@pytest.fixture(scope="module")
def puzzles():
    """Those of one seed."""
    return CAPSTONE.source(torch.Generator().manual_seed(1))


def test_what_comes_next_is_the_answer():
    """Written out by hand: tokens 4 to 6 are the contents, in the order 6, 4, 5; in sums they count
    2, 0 and 1."""
    token = torch.tensor([4, 5, 6, 0, 1, 2, 3])  # of contents 0 to 2, of the tasks, and between
    every = torch.cartesian_prod(*[torch.arange(3)] * 4)
    source = Puzzles(4, token, torch.tensor([1, 2, 0]), torch.tensor([2, 0, 1]), every)
    assert source.vocab_size == 7
    answers = {
        COPY: [5, 4, 6, 4],
        SORT: [6, 4, 4, 5],
        ADD: [5, 4, 5, 4],  # 0, 0 + 2, 0 + 2 + 1 = 0 modulo 3, and 2 more
    }
    for task, answer in answers.items():
        row = [task, 5, 4, 6, 4, 3, *answer]
        for place, comes in enumerate(answer):
            truth = source.next(torch.tensor([row[: 6 + place]]))
            assert truth.tolist() == [[float(each == comes) for each in range(7)]]
    with pytest.raises(ValueError, match="after 5 tokens"):
        source.next(torch.tensor([row[:5]]))


def test_no_question_that_is_asked_was_trained_on(puzzles):
    """Whatever the task: and what is trained on has each sequence once, and the right answers."""
    generator = torch.Generator().manual_seed(2)
    shown = puzzles.examples(CAPSTONE.corpus, generator)
    assert shown.shape == (CAPSTONE.corpus, 14)
    assert len(shown.unique(dim=0)) == len(shown)
    asked = puzzles.texts(600, 14, generator)
    assert set(map(tuple, asked[:, 1:7].tolist())).isdisjoint(map(tuple, shown[:, 1:7].tolist()))
    for rows in (shown, asked):
        for end in CAPSTONE.lengths:
            said = puzzles.next(rows[:, :end])
            assert torch.equal(said.argmax(-1), rows[:, end])
    assert set(puzzles.task(asked).bincount().tolist()) == {200}


def test_a_rule_has_perplexity_one(puzzles):
    """What cannot come costs nothing, even ruled out; what comes and is ruled out costs all."""
    prefixes = puzzles.texts(60, 10, torch.Generator().manual_seed(2))
    truth = puzzles.next(prefixes)
    assert perplexity(truth.log(), truth) == puzzles.floor == 1.0
    assert perplexity(torch.full_like(truth, -math.log(8)), truth) == pytest.approx(8)
    assert perplexity((1 - truth).log(), truth) > 1e100


def _shown_by(model, source):
    """The signs of a model that gives probabilities for prefixes, the plainest first."""
    generator = torch.Generator().manual_seed(3)

    def said(prefixes):
        found = model(prefixes)
        return (found / found.sum(-1, keepdim=True)).log()

    batches = [source.texts(PREFIXES, length, generator) for length in CAPSTONE.lengths]
    log_probs = [said(each) for each in batches]
    truth = [source.next(each) for each in batches]
    mine = perplexity(torch.cat(log_probs), torch.cat(truth))
    return list(
        CAPSTONE.signs(
            Seen(
                Training((0, 200, 400), (8.0, mine, mine), (), 8.0, 4.0, 1.0, 1.2),
                source,
                batches,
                log_probs,
                truth,
                prefixes=batches[1],
                trained=log_probs[1],
                untrained=torch.full_like(log_probs[1], -math.log(8)),
                changed=[said(each) for each in CAPSTONE.changed(batches[1], source)],
            )
        )
    )


def _counts(prefixes):
    """How often each token stands in a prefix, (N, V)."""
    return torch.nn.functional.one_hot(prefixes, 8).double().sum(1)


def test_a_model_shows_what_it_does_not_look_at(puzzles):
    """At no position, or at too many while it trained; and who errs otherwise shows neither."""

    def right(prefixes):
        """What comes next; of a prefix that is none, as of the first."""
        contents = torch.isin(prefixes[:, 1:7], puzzles.token[:4]).all(1)
        good = contents & torch.isin(prefixes[:, 0], puzzles.token[4:7])
        start = puzzles.texts(1, prefixes.shape[1], torch.Generator().manual_seed(4))
        return puzzles.next(torch.where(good[:, None], prefixes, start))

    def orderless(prefixes):
        sorts = (puzzles.task(prefixes) == SORT)[:, None]
        return torch.where(sorts, right(prefixes) + 0.01, _counts(prefixes) + 0.01)

    def nearly_orderless(prefixes):
        return orderless(prefixes) + 0.5 * right(prefixes)

    def ahead(prefixes):
        is_last = prefixes.shape[1] == CAPSTONE.lengths[-1]
        return _counts(prefixes) ** 4 + 1e-3 + 1e4 * is_last * right(prefixes)

    def undecided(prefixes):
        return 0.3 * right(prefixes) + _counts(prefixes) / 12 + 0.01

    assert _shown_by(orderless, puzzles)[0] == "orderless"
    assert _shown_by(nearly_orderless, puzzles)[0] == "orderless"
    assert _shown_by(ahead, puzzles)[0] == "ahead"
    assert not {"orderless", "ahead"} & set(_shown_by(undecided, puzzles))


@pytest.mark.slow
def test_answers_are_graded(tmp_path, forkserver):
    """In fewer steps, with a bar to match: the reference passes, and who falls short is told how it
    does on each task. (Names take all steps: `grade validate --calibrate` counts them.)"""
    exercise = training.small(tmp_path, training.PUZZLES)
    report = training.graded(exercise, training.reference(exercise), forkserver)
    assert report.status is Status.PASSED
    assert report.training.floor == 1.0
    assert 1.0 < report.training.student[-1] < report.training.bar
    known = {each.name: each for each in misconceptions(exercise.room)}
    training.assert_signs_differ(exercise)
    properties = exercise.room / "properties.py"  # who falls short does so at once, too
    text = properties.read_text(encoding="utf-8")
    assert "steps=120" in text
    properties.write_text(text.replace("steps=120", "steps=30"), encoding="utf-8")
    report = training.graded(exercise, known["NoPositions"].source, forkserver)
    assert report.status is Status.PARTIAL
    (said,) = [each.message for each in report.properties if each.name == "test_perplexity"]
    assert "By task: copying " in said
    assert ", adding " in said
