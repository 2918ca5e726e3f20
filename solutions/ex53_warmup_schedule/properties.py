"""Exercise 53, learning rates that warm up and decay: what any right answer obeys."""

import math
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.compare import agree
from grader.judge.strategies import spread

# Rates are small: what is compared is their ratio to a rate that is known to be right.
NEAR = 1e-9
# Beyond what float32 counts, and what an int32 holds.
MANY_STEPS = 2**24 + 1, 2**32 + 1
STEPS = st.one_of(st.integers(1, 12), spread(1, 100_000), st.sampled_from(MANY_STEPS))
WIDTHS = st.one_of(st.sampled_from((512, 2, 3, 16)), spread(1, 5000))
WARMUPS = st.one_of(st.integers(1, 8), spread(2, 10_000), st.just(1_000_000))
# Some greater than 1, or so small that what is added or cut off anywhere would show.
RATES = st.sampled_from((1.0, 0.5, 0.02, 3e-4, 30.0, 1e-12))
LENGTHS = st.one_of(st.integers(1, 12), spread(2, 50_000), st.just(2**25 + 1))
SHARES = st.sampled_from((0.1, 0.5, 0.9, 0.25))
MANY = settings(max_examples=40)


class Plan(NamedTuple):
    """The arguments of `cosine` but for the step."""

    warmup: int
    total: int
    lr: float
    lr_min: float = 0.0


@st.composite
def plans(draw, shares=SHARES, even=False):
    """Some that a person can follow and some that are real; with `even`, there is a middle step."""
    warmup, more = draw(WARMUPS), draw(LENGTHS)
    lr = draw(RATES)
    return Plan(warmup, warmup + more * (2 if even else 1), lr, lr * draw(shares))


@st.composite
def decaying(draw, shares=SHARES):
    """A plan and a step strictly between its warm-up and its end."""
    plan = draw(plans(shares, even=True))
    return plan, draw(st.integers(plan.warmup + 1, plan.total - 1))


def near(mine, right, rate):
    """Hold two rates against each other, as shares of a third one."""
    agree(mine, right, within=NEAR * rate)


def noam_by_hand(step, d_model, warmup):
    """What is right, in two pieces and with roots."""
    if step < warmup:
        return step / (math.sqrt(d_model) * warmup * math.sqrt(warmup))
    return 1 / math.sqrt(d_model * step)


def cosine_by_hand(step, plan):
    """What is right in the decay, with the square of half the angle's cosine."""
    progress = (step - plan.warmup) / (plan.total - plan.warmup)
    return plan.lr_min + (plan.lr - plan.lr_min) * math.cos(math.pi / 2 * progress) ** 2


@pytest.mark.points(10)
@MANY
@given(WARMUPS, WIDTHS, st.data())
def test_noam_warmup(student, warmup, d_model, data):
    """noam rises in a line: at step s of the warm-up it is s times what it is at step 1."""
    step, peak = data.draw(st.integers(1, warmup)), noam_by_hand(warmup, d_model, warmup)
    near(student.noam(step, d_model, warmup), peak * step / warmup, peak)
    near(student.noam(1, d_model, warmup), peak / warmup, peak / warmup)


@pytest.mark.points(10)
@MANY
@given(STEPS, WIDTHS, WARMUPS)
def test_noam_decay(student, more, d_model, warmup):
    """After the warm-up noam falls with the root of the step: at four times the step, to a half."""
    step = warmup + more
    right = noam_by_hand(step, d_model, warmup)
    near(student.noam(step, d_model, warmup), right, right)
    near(student.noam(4 * step, d_model, warmup), right / 2, right)


@pytest.mark.points(10)
@pytest.mark.needs("test_noam_warmup", "test_noam_decay")
@given(WIDTHS, WARMUPS)
def test_noam_joint(student, d_model, warmup):
    """At step = warmup the two pieces meet, and there is the greatest rate."""
    peak = 1 / math.sqrt(d_model * warmup)
    near(student.noam(warmup, d_model, warmup), peak, peak)
    for step in (warmup - 1, warmup + 1):
        if step:
            mine = student.noam(step, d_model, warmup)
            near(mine, noam_by_hand(step, d_model, warmup), peak)


@pytest.mark.points(10)
@pytest.mark.needs("test_noam_warmup", "test_noam_decay")
@given(STEPS, WIDTHS, WARMUPS)
def test_noam_width(student, step, d_model, warmup):
    """A model four times as wide gets half the rate, at every step."""
    once = noam_by_hand(step, d_model, warmup)
    near(student.noam(step, 4 * d_model, warmup), once / 2, once)
    near(student.noam(step, 1, warmup), once * math.sqrt(d_model), once * math.sqrt(d_model))


@pytest.mark.points(10)
@MANY
@given(plans(), st.data())
def test_cosine_warmup(student, plan, data):
    """cosine rises from lr / warmup at step 1 to lr at step = warmup, whatever lr_min is."""
    step = data.draw(st.integers(1, plan.warmup))
    for lr_min in (0.0, plan.lr_min):
        plan = plan._replace(lr_min=lr_min)
        near(student.cosine(step, *plan), plan.lr * step / plan.warmup, plan.lr)
        near(student.cosine(1, *plan), plan.lr / plan.warmup, plan.lr / plan.warmup)
        near(student.cosine(plan.warmup, *plan), plan.lr, plan.lr)


@pytest.mark.points(15)
@MANY
@given(decaying(shares=st.just(0.0)))
def test_cosine_decay(student, case):
    """Between warmup and total it follows half a cosine, by default down to 0."""
    plan, step = case
    near(student.cosine(step, *plan), cosine_by_hand(step, plan), plan.lr)
    near(student.cosine(step, *plan[:3]), cosine_by_hand(step, plan), plan.lr)


@pytest.mark.points(10)
@pytest.mark.needs("test_cosine_decay")
@MANY
@given(decaying())
def test_cosine_least(student, case):
    """With another lr_min, it is that much of the way from lr down to lr_min."""
    plan, step = case
    near(student.cosine(step, *plan), cosine_by_hand(step, plan), plan.lr)
    middle = (plan.warmup + plan.total) // 2
    near(student.cosine(middle, *plan), (plan.lr + plan.lr_min) / 2, plan.lr)


@pytest.mark.points(10)
@pytest.mark.needs("test_cosine_decay")
@given(plans(shares=st.sampled_from((0.0, 0.1, 0.5))))
def test_cosine_joint(student, plan):
    """It does not jump: one step before warmup and total, and one after, it is close to them."""
    for end, rate in ((plan.warmup, plan.lr), (plan.total, plan.lr_min)):
        near(student.cosine(end, *plan), rate, plan.lr)
    before, after = plan.total - 1, plan.warmup + 1
    near(student.cosine(after, *plan), cosine_by_hand(after, plan), plan.lr)
    if before > plan.warmup:
        near(student.cosine(before, *plan), cosine_by_hand(before, plan), plan.lr)


@pytest.mark.points(10)
@pytest.mark.needs("test_cosine_decay")
@given(plans(shares=st.sampled_from((0.0, 0.1, 0.5))), STEPS)
def test_cosine_after(student, plan, more):
    """After total it stays at lr_min, however far the training goes on."""
    again = 2 * plan.total - plan.warmup
    for step in (plan.total, plan.total + 1, plan.total + more, again, plan.total + MANY_STEPS[1]):
        near(student.cosine(step, *plan), plan.lr_min, plan.lr)


@pytest.mark.points(5)
@pytest.mark.needs("test_cosine_least")
@given(decaying())
def test_cosine_constant(student, case):
    """Where lr_min is lr, nothing decays: after the warm-up the rate is constant."""
    plan, step = case
    plan = plan._replace(lr_min=plan.lr)
    for each in (step, plan.total, plan.total + step):
        near(student.cosine(each, *plan), plan.lr, plan.lr)
        # lr may be 0 too.
        near(student.cosine(each, plan.warmup, plan.total, 0.0), 0.0, plan.lr)
