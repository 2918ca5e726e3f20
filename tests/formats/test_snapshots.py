"""What a learner reads, word for word, in every format and language: `__snapshots__` beside this.

Each holds the reports on several of the submissions below, one after the other. Where a change of
wording is meant, tests/README.md says how they are written anew.
"""

import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from rich.console import Console
from snapshots import kept_as

from grader import formats, language
from grader.cli.options import Format
from grader.course import model as course
from grader.formats import terminal
from grader.judge.clock.timing import BUILTIN, NOOP, REFERENCE, STUDENT, Clock
from grader.report import Report

EXERCISE = course.load(course.bundled()).exercise("3")
RIGHT = (EXERCISE.room / "reference.py").read_text(encoding="utf-8")
OWN_SOFTMAX = """

def own_softmax(scores):
    exponentials = scores.exp()
    return exponentials / exponentials.sum(-1, keepdim=True)
"""
BUILT_IN = """
from torch.nn.functional import scaled_dot_product_attention

def attention_scores(queries, keys):
    return queries @ keys.mT

def attention(queries, keys, values):
    return scaled_dot_product_attention(queries, keys, values), None
"""
SUBMISSIONS = {
    "right": RIGHT,
    "too slow": RIGHT,
    "a known mistake": RIGHT.replace(" / math.sqrt(d)", ""),
    "wrong for large numbers": re.sub(
        r"torch\.softmax\((.*), dim=-1\)", r"own_softmax(\1)", RIGHT + OWN_SOFTMAX
    ),
    "a crash": "print('ready')\n" + RIGHT.replace("    d = ", "    batch, length, d = "),
    "not started": EXERCISE.stub.read_text(encoding="utf-8"),
    "a forbidden built-in": BUILT_IN,
    "no Python": RIGHT.replace("shape[-1]", "shape[-1"),
}
# How long a call takes, in seconds, by whose it is.
FINE = {STUDENT: 0.006, REFERENCE: 0.005, BUILTIN: 0.003, NOOP: 0.001}
SLOW = {**FINE, STUDENT: 0.021}
ENVIRONMENT = {"grade": "0.1.0", "python": "3.11.9", "torch": "2.7.0", "platform": "Linux"}
IDENTITY = {
    "CLASSROOM": "dl-2026",
    "ASSIGNMENT": "core-six",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "OWNER": "alice",
    "COMMIT_URL": "https://github.com/school/core-six-alice/commit/a1b2c3d",
    "RELEASE_URL": "https://github.com/school/core-six-alice/releases/tag/x",
}
# The other formats hold JSON. What is made for people has all reports; the rest is long, and says
# in other places what these say.
ENDINGS = {
    Format.MARKDOWN: "md",
    Format.HTML: "txt",
    Format.CSV: "csv",
    Format.JUNIT: "xml",
    Format.GITHUB: "txt",
    Format.PROBLEMS: "txt",
}
FOR_PEOPLE = {Format.MARKDOWN, Format.HTML, Format.GITHUB}
FOR_SYSTEMS = ("too slow", "a known mistake", "not started")


@pytest.fixture(scope="module")
def graded(grade_source):
    """`graded(language)`: the reports by name, each graded by the real judge; its clock alone says
    what is written above, and seconds and machine are replaced."""
    kept: dict[str, dict[str, Report]] = {}
    really, drawn = Clock._timed, Clock._inputs

    def reports(spoken: str) -> dict[str, Report]:
        if spoken not in kept:
            with language.speaking(spoken), pytest.MonkeyPatch.context() as patch:
                kept[spoken] = {name: one(patch, name) for name in SUBMISSIONS}
        return kept[spoken]

    def one(patch: pytest.MonkeyPatch, name: str) -> Report:
        inputs, outputs = [], {}  # one call of each is enough where the clock is not looked at

        def same(self):
            inputs[:] = inputs or [drawn(self)]
            return inputs[0]

        def timed(self, kind, *rest):
            seconds = SLOW if name == "too slow" else FINE
            if kind not in outputs:
                outputs[kind] = really(self, kind, *rest)[1]
            return seconds[kind], outputs[kind]

        patch.setattr(Clock, "_inputs", same)
        patch.setattr(Clock, "_timed", timed)
        report = grade_source("3", SUBMISSIONS[name], speed=True)
        return replace(
            report,
            properties=tuple(replace(each, seconds=0.25) for each in report.properties),
            seconds=1.5,
            environment=ENVIRONMENT,
            sandbox={"seccomp": "active"},
        )

    return reports


@pytest.mark.slow
@pytest.mark.parametrize("spoken", language.available())
@pytest.mark.parametrize("format_", [each for each in Format if each is not Format.TERMINAL])
def test_reports(format_, spoken, graded, snapshot, monkeypatch):
    """Whatever else reads them, people do."""
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    found = graded(spoken)
    reports = list(found.values()) if format_ in FOR_PEOPLE else [found[n] for n in FOR_SYSTEMS]
    with language.speaking(spoken):
        if formats.holds_several(format_):
            text = formats.render(format_, reports)
        else:
            text = "\n".join(formats.render(format_, [each]) for each in reports)
    ending = ENDINGS.get(format_, "json")
    text = text.replace("\r\n", "\n")  # a file of text keeps no other ends of lines
    if format_ is Format.GITHUB_CLASSROOM:
        text = base64.b64decode(text).decode()
    if format_ is Format.HTML:
        text = words_of(text)
    if format_ is Format.GITHUB:
        text = text.replace("%0A", "%0A\n")  # lines in a line, shown as what they are
    if format_ is Format.JUNIT:
        tree = ElementTree.fromstring(re.sub('(timestamp|hostname)="[^"]+"', r'\1=""', text))
        ElementTree.indent(tree)
        text = ElementTree.tostring(tree, encoding="unicode") + "\n"
    if ending == "json":
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
    if format_ is Format.CLASSROOM50:
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "now", text)
    assert text == snapshot(extension_class=kept_as(ending))


@pytest.mark.slow
@pytest.mark.parametrize("spoken", language.available())
def test_terminal(spoken, graded, snapshot):
    """The same words with colours and without."""
    shown = {}
    for term in ("xterm", "dumb"):
        file = io.StringIO()
        console = Console(file=file, width=80, force_terminal=True, _environ={"TERM": term})
        with language.speaking(spoken):
            for report in graded(spoken).values():
                terminal.show(report, console)
        shown[term] = file.getvalue()
    assert "\x1b[" in shown["xterm"]
    assert "\x1b[" not in shown["dumb"]
    uncoloured = re.sub(r"\x1b\[[0-9;]*m", "", shown["xterm"])
    assert re.sub(" +$", "", uncoloured, flags=re.MULTILINE) == shown["dumb"]
    assert shown["dumb"] == snapshot(extension_class=kept_as("txt"))


class Page(HTMLParser):
    """The words on a page, those that are read aloud too: a line for a block, a row in one line."""

    INLINE = frozenset({"a", "abbr", "b", "code", "dd", "em", "input", "label", "span", "td", "th"})
    APART = frozenset({"dt", "span", "td", "th"})
    UNSEEN = frozenset({"style", "script"})

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]
        self.unseen = ""

    def handle_starttag(self, tag, attributes):
        if tag in self.UNSEEN:
            self.unseen = tag
        if tag not in self.INLINE:
            self.lines.append("")
        for name, value in attributes:
            if name == "aria-label":
                self.lines += [f"({value})", ""]

    def handle_endtag(self, tag):
        if tag == self.unseen:
            self.unseen = ""
        if tag in self.APART:
            self.lines[-1] += "  "
        elif tag not in self.INLINE:
            self.lines.append("")

    def handle_data(self, data):
        if not self.unseen:
            first, *rest = data.split("\n")
            self.lines[-1] += first
            self.lines += rest


def words_of(page: str) -> str:
    """What a page says, a line for each block."""
    parser = Page()
    parser.feed(page)
    return "\n".join(line.rstrip() for line in parser.lines if line.strip()) + "\n"
