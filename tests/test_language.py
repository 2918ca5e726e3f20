"""What Chinese learners can rely on: every sentence of the engine has its Chinese."""

import string
from pathlib import Path

import pytest

from grader import language
from grader.judge.prove.translated import said_in
from grader.language import retold, say

ROOT = Path(__file__).resolve().parent.parent
OTHERS = [name for name in language.available() if name != language.ENGLISH]
SAID = {
    sentence: path
    for path in sorted((ROOT / "grader").rglob("*.py"))
    if path.name != "language.py"
    for sentence in said_in(path)
}


def places(sentence: str) -> list[tuple[str, str]]:
    """The placeholders of a sentence, each with how it is written out."""
    fields = string.Formatter().parse(sentence)
    return sorted((name, how or "") for _, name, how, _ in fields if name is not None)


@pytest.fixture(params=OTHERS)
def catalogue(request):
    return language.catalogue(request.param)


def test_every_sentence_is_in_the_catalogue(catalogue):
    """No sentence of the engine is said in English to who asks for another language."""
    assert len(SAID) > 100
    assert [f"{SAID[s].name}: {s}" for s in SAID if not catalogue.get(s, "").strip()] == []


def test_the_catalogue_has_nothing_else(catalogue):
    """A sentence that the engine no longer says goes from the catalogue too."""
    assert [sentence for sentence in catalogue if sentence not in SAID] == []


def test_placeholders_agree(catalogue):
    """What is filled in in English is filled in in the translation, in the same form."""
    differing = [s for s, other in catalogue.items() if places(s) != places(other)]
    assert differing == []


def test_chinese_is_written_in_chinese():
    """No entry was left in English, but for those that hold names and numbers alone."""
    entries = language.catalogue("zh").items()
    english = [s for s, other in entries if not any("\u4e00" <= c <= "\u9fff" for c in other)]
    assert english == ["{done} of {all}", " ({reason})", "an {type}", "a {type}"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_SG.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "xx_XX.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_locale_is_heard(variables, expected, monkeypatch):
    """LC_ALL goes before LC_MESSAGES, and that before LANG; a language that is not there is
    English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language.from_environment() == expected


def test_what_a_student_writes_is_no_sentence():
    """Braces in a value stay as they are, in either language."""
    for name in language.available():
        with language.speaking(name):
            assert say("Your file: {path}", path="{0} {number}").endswith("{0} {number}")


def test_what_a_worker_says_is_retold():
    """A worker's English is recognised by its form and said in the language in use; else kept."""
    with language.speaking("zh"):
        assert retold("more than 7 files", "more than {count} files") == "超过 7 个文件"
        assert retold("more than seven", "more than {count} files") == "more than seven"
    assert retold("more than 7 files", "more than {count} files") == "more than 7 files"


def test_a_course_adds_sentences_for_a_while():
    """A course's own sentences are known while its properties run, and not afterwards."""
    with language.speaking("zh"):
        with language.with_sentences({"the mean of {name}": "{name} 的均值"}):
            assert say("the mean of {name}", name="w") == "w 的均值"
        assert say("the mean of {name}", name="w") == "the mean of w"
