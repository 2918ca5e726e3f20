"""Whether a translation of a course is complete: what it lacks, in plain words."""

import ast
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.cells import cell_len

from grader import language
from grader.course import model as course
from grader.course import stubs, translation
from grader.course.model import Exercise
from grader.course.translation import ExerciseText, PictureText, RoomText
from grader.judge import room
from grader.judge.exhibit import exhibit
from grader.judge.explain import diagnosis
from grader.judge.harness import title_of
from grader.judge.wrong import wrong_answers
from grader.learner import statement
from grader.picture import Curves

WIDEST = 80
INDENT = 4  # of a docstring, where it is shown

# What every language writes alike: code between backticks, names of more than one part, shapes,
# and numbers.
_KEPT = re.compile(
    r"`[^`]+`"
    r"|\b[A-Za-z]\w*(?:\.\w+)+"
    r"|\b[A-Za-z]\w*_\w+"
    r"|\((?:\w{1,3}, )+\w{1,3},?\)|\(\w{1,3},\)"
    r"|\d+(?:\.\d+)?(?:e[+-]?\d+)?"
)


def lacking_in_course(folder: Path, to: str) -> Iterator[str]:
    """What the titles of the course lack, and which files belong to no exercise."""
    path = translation.course_file(folder, to)
    name = _short(path, folder)
    with language.speaking(language.ENGLISH):
        english = course.load(folder)
    with language.speaking(to):
        texts = translation.of_course(folder)
    if not texts.title:
        yield f"{name} has no title"
    parts = dict.fromkeys(exercise.part for exercise in english.exercises)
    yield from _unpaired(f"{name}, [parts]", parts, texts.parts)
    known = {path.stem, *(exercise.stem for exercise in english.exercises)}
    for other in sorted(path.parent.glob("*.toml")):
        if other.stem not in known:
            yield f"{_short(other, folder)} belongs to no exercise"


def lacking(exercise: Exercise, to: str) -> Iterator[str]:
    """What the texts of an exercise lack in the language `to`, and what is left over in them."""
    folder = exercise.course
    with language.speaking(language.ENGLISH):
        english = course.load(folder).exercise(f"{exercise.number}")
    paths = (
        translation.exercise_file(folder, english.stem, to),
        translation.room_file(english.room, to),
    )
    names = [_short(path, folder) for path in paths]
    missing = [name for name, path in zip(names, paths, strict=True) if not path.is_file()]
    if missing:
        yield from (f"{name} is missing" for name in missing)
        return
    with language.speaking(to):
        before = translation.of_exercise(folder, english.stem)
        after = translation.of_room(english.room)
    with language.speaking(language.ENGLISH):
        yield from (f"{names[0]}: {what}" for what in _statement(english, before))
        yield from (f"{names[1]}: {what}" for what in _room(english, after, to))


def untold(exercise: Exercise, to: str) -> tuple[list[str], int]:
    """The other wrong answers that are named in English, and not in the language `to` since what
    they do is not told there; and how many are named in English."""
    with language.speaking(to):
        told = translation.of_room(exercise.room).wrong
    names = [each.name for each in diagnosis.load_others(exercise.room)]
    return [name for name in names if not told.get(name)], len(names)


def _statement(english: Exercise, texts: ExerciseText) -> Iterator[str]:
    if not texts.title:
        yield "no title"
    asked = statement.in_english(english)
    if not texts.statement:
        yield "no statement"
    else:
        yield from _lost("the statement", asked.text, texts.statement)
        yield from _wide("the statement", texts.statement, WIDEST)
        if not texts.statement.split("\n")[0].endswith(texts.title):
            yield "the statement's first line does not end with the title"
        formulas, theirs = _formulas(asked.text), _formulas(texts.statement)
        if formulas != theirs:
            yield f"the statement has {theirs} indented lines instead of {formulas}"
    if len(texts.hints) != len(english.hints):
        yield f"{len(texts.hints)} hints instead of {len(english.hints)}"
    for tier, (hint, other) in enumerate(zip(english.hints, texts.hints, strict=False), start=1):
        yield from _lost(f"hint {tier}", hint.text, other)
    functions = {name: function.docstring for name, function in asked.functions.items()}
    yield from _pairs("[functions]", functions, texts.functions)
    for name, docstring in texts.functions.items():
        yield from _wide(f"[functions] {name}", docstring, WIDEST - INDENT)
    todos = stubs.todos(stubs.pristine(english) or "")
    yield from _pairs("[todos]", todos, texts.todos)
    for name, text in texts.todos.items():
        indent = INDENT * (1 + name.count(".")) + len(stubs.TODO)
        yield from _wide(f"[todos] {name}", text, WIDEST - indent)


def _formulas(text: str) -> int:
    return sum(line.startswith("    ") for line in text.split("\n"))


def _wide(where: str, text: str, most: int) -> Iterator[str]:
    """Lines of prose that a terminal would break: no spaces say where."""
    for line in text.split("\n"):
        if not line.startswith("    ") and (width := cell_len(line)) > most:
            yield f"{where} has a line of {width} columns, {most} at most: {line}"


def _room(english: Exercise, texts: RoomText, to: str) -> Iterator[str]:
    properties = english.room / "properties.py"
    titles = _titles(properties)
    with language.speaking(to):
        spoken = _titles(properties)
    ours = language.catalogue(to)

    def is_ours(name: str, title: str) -> bool:
        """What a law is called by default, the engine translates itself."""
        return title in ours or spoken[name] != title

    needed = {n: t for n, t in titles.items() if n in texts.properties or not is_ours(n, t)}
    yield from _pairs("[properties]", needed, texts.properties)
    wrongs = {wrong.name: wrong.explanation for wrong in diagnosis.load(english.room)}
    yield from _pairs("[misconceptions]", wrongs, texts.misconceptions)
    others = {each.name: each.explanation for each in wrong_answers(english.room)}
    for name in texts.wrong.keys() - others.keys():
        yield f"[wrong] {name}: there is no such wrong answer"
    for name in texts.wrong.keys() & others.keys():
        yield from _lost(f"[wrong] {name}", others[name], texts.wrong[name])
    said = {s: s for s in said_in(properties) if s in texts.sentences or s not in ours}
    yield from _pairs("[sentences]", said, texts.sentences)
    yield from _picture(english, texts.plot)


def _titles(properties: Path) -> dict[str, str]:
    """What each property is called in the language in use."""
    return {
        name: title_of(value)
        for name, value in vars(room.load(properties)).items()
        if name.startswith("test_") and callable(value)
    }


def _picture(english: Exercise, texts: PictureText) -> Iterator[str]:
    labels, series = {}, {}
    if english.has_picture:
        drawn = exhibit(english, None)
        labels["title"] = drawn.title
        if isinstance(drawn.reference, Curves):
            labels["x"] = drawn.reference.x
            series = {name: name for name in drawn.reference.series}
        else:
            labels |= {"rows": drawn.reference.rows, "columns": drawn.reference.columns}
    theirs = {name: getattr(texts, name) for name in ("title", "rows", "columns", "x")}
    yield from _pairs("[plot]", labels, {name: text for name, text in theirs.items() if text})
    yield from _pairs("[plot.series]", series, texts.series)


def said_in(path: Path) -> list[str]:
    """The sentences in a file of Python that go through `say` or `retold`, in order.

    ValueError where one is no literal, which nobody could collect.
    """
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(ast.Name("say"), [ast.Constant(str(sentence)), *_]):
                found.append(sentence)
            case ast.Call(ast.Name("retold"), [_, *sentences]):
                found += map(ast.literal_eval, sentences)
            case ast.Call(ast.Name("say")):
                raise ValueError(f"{path}, line {node.lineno}: say needs a literal")
    return found


def _pairs(where: str, texts: Mapping[str, str], others: Mapping[str, str]) -> Iterator[str]:
    """What is there on one side alone, and what is lost on the way to the other."""
    yield from _unpaired(where, texts, others)
    for name, text in texts.items():
        if name in others:
            yield from _lost(f"{where} {name}", text, others[name])


def _unpaired(where: str, names: Mapping[str, object], others: Mapping[str, str]) -> Iterator[str]:
    for name in names:
        if not others.get(name):
            yield f"{where} lacks {name}"
    for name in others:
        if name not in names:
            yield f"{where} has {name}, which is not in the English text"


def _lost(where: str, text: str, other: str) -> Iterator[str]:
    """What should stand in a translation as it does in the English text, and does not."""
    flat = " ".join(other.split())
    kept = dict.fromkeys(_KEPT.findall(" ".join(text.split())))
    if lost := [part for part in kept if part not in flat]:
        yield f"{where} loses {', '.join(lost)}"
    if (mine := placeholders(text)) != (theirs := placeholders(other)):
        yield f"{where} has the placeholders {sorted(theirs)} instead of {sorted(mine)}"


def placeholders(sentence: str) -> set[str]:
    """The `{name}`s of a sentence that `say` fills in; none where its braces are no such thing."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
    except ValueError:
        return set()


def _short(path: Path, folder: Path) -> str:
    return f"{path.relative_to(folder)}"
