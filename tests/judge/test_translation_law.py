"""A model that translates is held against the one right translation of each sentence."""

import dataclasses
import random

import pytest

from grader.formats import curve, html, terminal
from grader.judge.capstone.small_language import (
    SmallLanguage,
    bleu,
    vocabulary,
    word_by_word,
)
from grader.judge.capstone.translation import Said, _signs
from grader.measure import BLEU
from grader.report import PropertyStatus, Report, Status, Training
from tests import training

TRAINED = Training(
    steps=(0, 150, 300),
    student=(0.0, 0.5, 0.9),
    reference=(0.0, 0.7, 0.94),
    uniform=0.0,
    bigram=0.4,
    floor=1.0,
    bar=0.75,
    measure=BLEU.name,
)


@pytest.fixture(scope="module")
def language():
    return SmallLanguage.drawn(random.Random(4))


@pytest.fixture(scope="module")
def pairs(language):
    return language.pairs(300, range(2, 13), random.Random(5))


@pytest.fixture
def exercise(tmp_path):
    """Exercise 59 with less to learn, and for who trains as long as they like, 100 steps."""
    found = training.small(tmp_path, "ex59_translate")
    path = found.room / "misconceptions.py"
    text = path.read_text()
    assert "range(steps := 300)" in text
    path.write_text(text.replace("range(steps := 300)", "range(steps := 100)"))
    return found


def test_a_sentence_has_one_right_translation(language, pairs):
    """Adjectives behind their nouns and the verb behind its object, each with the ending that a
    noun decides; no word comes twice."""
    longer = language.pairs(50, range(13, 15), random.Random(6), {source for source, _ in pairs})
    assert {len(source) for source, _ in longer} == {13, 14}
    assert len({source for source, _ in pairs}) == 300
    for source, target in [*pairs, *longer]:
        assert len({*source}) == len(source) == len(target) == len({*target})
        assert target == translated(language, source)


def translated(language, source):
    """The translation, by a way of its own: clause by clause, from the source alone."""
    found, clause = [], []
    for word in [*source, None]:
        if word is not None and word not in language.links:
            clause.append(word)
            continue
        verb = next(place for place, each in enumerate(clause) if each in language.verbs)
        genders = []
        for phrase in (clause[:verb], clause[verb + 1 :]):
            if phrase:
                *adjective, noun = phrase
                genders.append(language.genders[noun])
                found.append(language.nouns[noun])
                found += [language.adjectives[each][genders[-1]] for each in adjective]
        found.append(language.verbs[clause[verb]][genders[0]])
        found += [language.links[word]] if word else []
        clause = []
    return tuple(found)


def test_a_dictionary_knows_words_and_no_order(language, pairs):
    """Counted from pairs, it has every noun and link right, and one ending of the others."""
    found = word_by_word(pairs)
    assert all(found[word] == to for word, to in {**language.nouns, **language.links}.items())
    assert all(found[word] in to for word, to in {**language.adjectives, **language.verbs}.items())


def test_a_vocabulary_is_that_of_exercise_27():
    """Reserved words first, then by falling count, ties alphabetical."""
    assert list(vocabulary([("b", "a"), ("c", "b")]))[4:] == ["b", "a", "c"]
    assert list(vocabulary([]).values()) == [0, 1, 2, 3]


def test_bleu_is_that_of_exercise_56():
    """Counted by hand: shared words and pairs of words, and a penalty for brevity."""
    right = ("a", "b", "c", "d")
    assert bleu(right, right) == 1.0
    assert bleu(("a", "b", "d", "c"), right) == pytest.approx((1 / 3) ** 0.25)
    assert bleu(("a", "b"), right) == pytest.approx(2.718281828**-1)
    assert bleu(("a",), right) == bleu((), right) == bleu(("x", "y"), right) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["NeverSteps", "Numbers", "OneText", "StepsIgnored"])
def test_a_mistake_is_named_by_what_training_shows(name, exercise, forkserver):
    """Whatever the model is built of: no run of the known mistake is needed for that."""
    training.assert_named(exercise, name, forkserver)


def test_each_sign_names_one_mistake(exercise):
    """Every misconception of an exercise that trains has a sign of its own."""
    training.assert_signs_differ(exercise)


SAYS = {
    "marked": lambda right: (*right, "<eos>"),
    "repeats": lambda right: ("<bos>", *["x"] * 30),
    "endless": lambda right: (*right, *right[-3:], *right[-3:], "y"),
    "cut": lambda right: right[:4],
    "blind": lambda right: ("x", "y", "z"),
    "circles": lambda right: (right[0], *["x", "y"] * 20),
    "elsewhere": lambda right: ("x", *right[1:3], *(f"y{n}" for n in range(len(right) - 3))),
    "by heart": lambda right: ("x", *right[1:2]),
}


@pytest.mark.parametrize("sign", SAYS)
def test_a_sign_is_seen_in_translations(sign, pairs):
    """Made-up translations, of the kind that a mistake leads to."""
    asked = [pair for pair in pairs if len(pair[0]) > 5][:40]
    after = [Said(source, right, SAYS[sign](right)) for source, right in asked]
    before = [Said(source, right, ()) for source, right in asked]
    flat = dataclasses.replace(TRAINED, student=(0.0, 0.2, 0.2))
    assert next(_signs(flat, before, after)) == sign
    assert next(_signs(flat, after, after)) == "still"


WILD = """
class Model:
    def translate(self, source):
        return {said}

def train(pairs, vocabs, steps, generator):
    return Model()
"""


@pytest.mark.parametrize(
    "said",
    ["None", "[None]", "[[]]", "['\\x1b[2J' * 1000] * 15_000", "[2**70]", "object()", "{'a': 'b'}"],
)
def test_no_reply_breaks_the_judge(said, exercise, forkserver):
    """Whatever comes back is told in words, or is a translation that is wrong."""
    report = training.graded(exercise, WILD.format(said=said), forkserver)
    assert report.status is Status.FAILED
    assert report.properties[0].status in (PropertyStatus.FAILED, PropertyStatus.ERROR)
    assert "\x1b" not in report.as_json()


def test_a_curve_of_bleu_rises(forkserver):
    """In the terminal and on a page, with the lines that it is read by; the best is at the top."""
    text = curve.draw(TRAINED, 60).plain
    assert text.index("1.00 every sentence right") < text.index("0.75 enough")
    assert text.index("0.40 word by word") < text.index("0.00 knows nothing")
    wild = dataclasses.replace(TRAINED, student=(0.0, float("nan"), 0.0), reference=())
    assert "o" in curve.draw(wild, 60).plain
    report = Report(59, "x", "X", "x.py", "", Status.PASSED, 100, 100, training=TRAINED)
    assert html.render(report).count("<polyline") == 4
    assert "BLEU on sentences" in terminal.plain(report)
    assert "after 300 steps: BLEU 0.90" in terminal.plain(report)
    assert Report.from_json(report.as_json()).training == TRAINED
