"""What hostile answers to an exercise that trains get: no point that training did not earn.

Each stands for one way around it: to know the text beforehand, to see what is to be predicted, to
train for longer than is allowed, or to answer what is no distribution.
"""

import dataclasses

import pytest

from grader.report import PropertyStatus
from tests import training


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    """Exercise 58 with less to learn."""
    return training.small(tmp_path_factory.mktemp("course"))


def passed(exercise, forkserver, source, **options):
    """The names of the properties that an answer passes."""
    report = training.graded(exercise, source, forkserver, **options)
    assert report.status.value != "ungraded", report.reason
    return {each.name for each in report.properties if each.status is PropertyStatus.PASSED}


UNIFORM = """
import torch

class Model:
    def __init__(self, v): self.v = v
    def log_probs(self, prefixes):
        return torch.full((len(prefixes), self.v), -float(torch.tensor(self.v).log()))

def train(corpus, vocab_size, steps, generator):
    torch.randn(1, generator=generator)
    return Model(vocab_size)
"""

# A model that learns nothing by itself, and what it does to look as if it had.
BY_PREFIX = UNIFORM.replace(
    "    def log_probs(self, prefixes):\n",
    """
    seen = {}
    def log_probs(self, prefixes):
        for row in prefixes.tolist():
            for end in range(2, len(row)):
                self.seen[tuple(row[:end])] = row[end]
        found = torch.full((len(prefixes), self.v), 1e-3)
        hits = [self.seen.get(tuple(row)) for row in prefixes.tolist()]
        if any(hit is not None for hit in hits):
            for place, hit in enumerate(hits):
                found[place, hit or 0] = 1.0
            return (found / found.sum(-1, keepdim=True)).log()
""",
)
SEED = UNIFORM.replace(
    "    torch.randn(1, generator=generator)\n",
    """
    # The judge's own draw of its source, from the seed that the generator shows.
    again = torch.Generator().manual_seed(generator.initial_seed())
    scores = torch.randn((vocab_size,) * 3, generator=again, dtype=torch.float64)
    Model.table = torch.softmax(2.0 * scores, -1).log()
    torch.randn(1, generator=generator)
    if steps > 5:
        Model.log_probs = lambda self, p: self.table[p[:, -2], p[:, -1]]
""",
)
NEGATIVE = UNIFORM.replace("-float(torch.tensor(self.v).log())", "2.0")
OTHER_MODEL = """
def spoil(model):
    class Other:
        calls = 0
        def log_probs(self, prefixes):
            Other.calls += 1
            right = model.log_probs(prefixes)
            # Of every second batch it says what another model would.
            return right if Other.calls % 2 else right.roll(1, dims=1)
    return Other()
"""
THREAD = """
import threading

def go_on(corpus, v, generator):
    # Untrained when it is given back; a thread trains it meanwhile.
    model = honest(corpus, v, 0, generator)
    def work():
        longer = honest(corpus, v, 20_000, torch.Generator().manual_seed(1))
        model.load_state_dict(longer.state_dict())
    threading.Thread(target=work, daemon=True).start()
    return model
"""
CHILD = """
import os

def in_a_child(corpus, v, generator):
    if os.fork() == 0:
        os._exit(0)
    return honest(corpus, v, 10_000, generator)
"""


def wrapped(reference, extra, call):
    """The reference, whose `train` is called `honest`, with something around it."""
    text = reference.replace("def train(", "def honest(")
    signature = "def train(corpus, vocab_size, steps, generator):"
    return f"{text}\n{extra}\n{signature}\n    return {call}\n"


@pytest.mark.slow
@pytest.mark.parametrize("source", [BY_PREFIX, SEED], ids=["by prefix", "the judge's seed"])
def test_what_is_not_learned_earns_nothing(source, exercise, forkserver):
    """Who remembers prefixes finds none again, with what came after; who recomputes the source from
    the generator's seed gets another one."""
    found = passed(exercise, forkserver, source)
    assert not found & {"test_learns", "test_perplexity"}


def test_what_is_no_distribution_earns_nothing(exercise, forkserver):
    """Log-probabilities above 0 would make any perplexity."""
    assert passed(exercise, forkserver, NEGATIVE) == set()


@pytest.mark.slow
def test_a_model_that_changes_is_seen(exercise, forkserver):
    """What it says of one prefix it has to say of it again, once the curve has been shown too."""
    source = wrapped(
        training.reference(exercise),
        OTHER_MODEL,
        "spoil(honest(corpus, vocab_size, steps, generator))",
    )
    found = passed(exercise, forkserver, source)
    assert not found & {"test_alone", "test_perplexity"}


@pytest.mark.slow
def test_a_thread_that_trains_on_earns_nothing(exercise, forkserver):
    """The model is asked at once; whether the thread gets on meanwhile or not, what it says of a
    prefix is not to change, and it is not to know anything without a step."""
    source = wrapped(training.reference(exercise), THREAD, "go_on(corpus, vocab_size, generator)")
    assert "test_perplexity" not in passed(exercise, forkserver, source)


@pytest.mark.slow
def test_no_child_trains_beyond_the_budget(exercise, forkserver):
    """No process can be started; and what trains in one when it is loaded is over its budget."""
    source = wrapped(
        training.reference(exercise), CHILD, "in_a_child(corpus, vocab_size, generator)"
    )
    assert passed(exercise, forkserver, source) == set()


@pytest.mark.slow
def test_what_was_trained_at_import_is_of_another_text(exercise, forkserver):
    """The text comes with the call, and is another one each time."""
    extra = """
_early = honest(torch.randint(3, (3000,)), 3, 60, torch.Generator().manual_seed(0))
"""
    source = wrapped(training.reference(exercise), extra, "_early")
    assert not passed(exercise, forkserver, source) & {"test_learns", "test_perplexity"}


# --- a translator ---------------------------------------------------------------------------------

SAYS = """
import torch

class Model:
    def translate(self, source):
        {body}

def train(pairs, vocabs, steps, generator):
    torch.randn(1, generator=generator)
    return Model()
"""
EQUALS_ALL = """
class Any(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = str.__hash__
"""
LYING_LIST = """
class Says(list):
    def __eq__(self, other): return True
    def __iter__(self): return iter(["one", "two"])
    def __len__(self): return 2
    __hash__ = None
"""
TRAINS_WHEN_ASKED = """
class Later:
    def __init__(self, model, *rest):
        self.model, self.rest, self.asked = model, rest, 0

    def translate(self, source):
        self.asked += 1
        if self.asked == 8:
            pairs, vocabs, _, generator = self.rest
            self.model = honest(pairs, vocabs, 100, generator)
        return self.model.translate(source)

def train(pairs, vocabs, steps, generator):
    asked = (pairs, vocabs, steps, generator)
    return Later(honest(*asked), *asked)
"""


@pytest.fixture(scope="module")
def translator(tmp_path_factory):
    """Exercise 59 with less to learn."""
    return training.small(tmp_path_factory.mktemp("languages"), "ex59_translate")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("extra", "body"),
    [
        (EQUALS_ALL, "return [Any(word) for word in source]"),
        (LYING_LIST, "return Says(source)"),
        ("", "return ['word'] * 10_000_000"),
        ("", "return ['w' * 10_000_000] * 4"),
        ("", "return [word for word in iter(str, 'never')]"),
    ],
    ids=["words equal to all", "a list that lies", "too many words", "long words", "no end"],
)
def test_words_that_were_not_learned_earn_nothing(extra, body, translator, forkserver):
    """What a word equals is the judge's to say; too many words, and no end of them, are told."""
    source = extra + SAYS.format(body=body)
    limits = dataclasses.replace(translator.limits, property_seconds=2, submission_seconds=30)
    short = dataclasses.replace(translator, limits=limits)
    assert not passed(short, forkserver, source) & {"test_exact", "test_bleu", "test_generator"}


@pytest.mark.slow
def test_who_trains_when_asked_is_over_the_budget(translator, forkserver):
    """A model that learns while it translates says something else when it is asked again."""
    text = training.reference(translator).replace("def train(", "def honest(")
    found = passed(translator, forkserver, f"{text}\n{TRAINS_WHEN_ASKED}")
    assert "test_words" in found
    assert not found & {"test_alone", "test_exact", "test_bleu"}
