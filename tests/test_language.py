"""What Chinese learners can rely on: every sentence of the engine has its Chinese."""

import os
import string
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from typer.main import get_command

from grader import language
from grader.cli import LEARN, app, machine
from grader.course import model as course
from grader.judge.prove.translated import said_in
from grader.language import retold, say
from grader.worker.walls import disk, layers

ROOT = Path(__file__).resolve().parent.parent
LAST = course.find(course.bundled()).exercises[-1].number
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


def helps() -> list[str]:
    """What a learner reads of the commands: the program's own text, and that of each command of
    theirs with its options."""
    command = get_command(app)
    own = [each for each in command.commands.values() if each.rich_help_panel == LEARN]
    about = [command, *own]
    texts = [text for each in about for text in (each.help, each.epilog, each.rich_help_panel)]
    texts += [getattr(parameter, "help", None) for each in about for parameter in each.params]
    return [text for text in texts if text]


@pytest.mark.slow
def test_the_help_of_every_command_of_a_learner_is_in_the_catalogue():
    """Each text, and none that no command has, but for those of typer's own."""
    for name in OTHERS:
        known = language.helps(name)
        assert [text for text in helps() if not known.get(text)] == []
        long = [text for text in known if text not in helps() and len(text) > 80]
        assert long == []
        differing = [s for s, other in known.items() if places(s) != places(other)]
        assert differing == []


def test_every_wall_is_told_in_chinese():
    """What each keeps out and what helps; and why one is missing, as a worker says it."""
    reasons = ["this kernel has version 3 of Landlock; TCP takes 4", layers.NO_PROC, "switched off"]
    reasons += [why for each in (disk._NO_NAMESPACE, disk._NOT_PRIVATE) for why in each.values()]
    texts = [text for layer in layers.LAYERS for text in (layer.keeps_from, layer.remedy)]
    with language.speaking("zh"):
        left = [t for t in [*texts, *reasons] if t != "Linux" and machine.in_words(t) == t]
    assert left == []


@pytest.mark.slow
def test_the_doctor_speaks_chinese():
    """From its first line to its last."""
    run = subprocess.run(
        [sys.executable, "-m", "grader", "doctor", "--lang", "zh"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
    )
    assert "设备" in run.stdout
    assert "it takes" not in run.stdout
    assert "unavailable" not in run.stdout
    assert "…" not in run.stdout
    assert "--require-sandbox" in run.stdout.splitlines()[-1]


@pytest.mark.parametrize("lang", language.available())
def test_the_help_breaks_its_lines_where_the_terminal_does(lang):
    """And nowhere else within a paragraph, whatever the width of the docstring; of devices it
    names those that a learner may have."""
    for words in (["mcp"], ["debug"], ["exercise"]):
        run = subprocess.run(
            [sys.executable, "-m", "grader", *words, "--lang", lang, "--help"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "300", "PYTHONIOENCODING": "utf-8"},
        )
        about = run.stdout[: run.stdout.index("╭")].strip("\n")
        lines = [line.strip() for line in about.splitlines()]
        assert not [1 for one, next_ in pairwise(lines) if one and next_]
        assert "simulated" not in run.stdout


@pytest.mark.parametrize("lang", language.available())
def test_the_help_is_whole_on_a_narrow_terminal(lang):
    """Also where a language has no spaces to break its lines at."""
    run = subprocess.run(
        [sys.executable, "-m", "grader", "exercise", "--lang", lang, "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
    )
    assert "--only" in run.stdout
    assert "…" not in run.stdout
    assert ("Usage: " in run.stdout) == (lang == language.ENGLISH)


def test_chinese_in_chinese_has_no_spaces_around_it():
    with language.speaking("zh"):
        wrong = "{where} is {mine}; it should be {right}."
        assert say(wrong, where="结果", mine="0", right="1") == "结果是 0，应为 1。"
        assert say(wrong, where="`h_n`", mine="0", right="1") == "`h_n` 是 0，应为 1。"
        both = say("There are two mistakes. First: {one} Second: {other}", one="甲。", other="乙。")
        assert both == "有两个错误。第一：甲。第二：乙。"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--help"], "评阅深度学习练习"),
        (["hint", "--help"], "每次多给一条提示"),
        (["hint", "-h"], "显示这段说明后退出"),
        (["hint", "--tier", "x", "3"], "'--tier' 的值无效"),
        (["shw"], "没有命令 'shw'"),
        (["list", "3"], "多出了参数"),
        (["list", "--nonsense"], "没有选项 --nonsense"),
        (["exercise", "3", "--format", "pdf"], "'pdf' 不在"),
        (["show", "999"], f"最接近的是 {LAST}"),
        (["doctor", "--nonsense"], "没有选项 --nonsense"),
    ],
)
def test_help_and_usage_errors_are_in_chinese_too(words, said, tmp_path):
    """By the locale, and by the language of a workspace."""
    home = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "FORCE_"))}
    zh = {**home, "LC_ALL": "zh_CN.UTF-8", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "grader", *words]
    done = subprocess.run(command, cwd=tmp_path, env=zh, capture_output=True, text=True)
    assert said in done.stdout + done.stderr
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "course.toml").write_text('course = "bundled"\nlanguage = "zh"\n')
    plain = {**zh, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=tmp_path, env=plain, capture_output=True, text=True)
    assert said in done.stdout + done.stderr
    wanted = [*command, "--lang", "en"] if words[0] != "--help" else [*command[:3], "--lang", "en"]
    done = subprocess.run(wanted, cwd=tmp_path, env=plain, capture_output=True, text=True)
    assert said not in done.stdout + done.stderr
