"""What an AI assistant is given by `grade mcp`: all that helps a learner, and never the answer."""

import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from commands import GRADE

from grader.course import model as course
from grader.judge.wrong import misconceptions
from grader.learner import workspace
from grader.learner.history import History

mcp = pytest.importorskip("mcp", reason="`grade mcp` was NOT tested: mcp is not installed")
from mcp.client.stdio import StdioServerParameters, stdio_client  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "tests" / "example_course"
ROOM = EXAMPLE / "solutions" / "ex01_rms_norm"
# Its first property fails already, so that little of it is graded.
WRONG = next(each.source for each in misconceptions(ROOM) if each.name == "RootForgotten")
PLAIN = {k: v for k, v in os.environ.items() if not k.startswith(("GRADE_", "CI", "PYTEST"))}


@pytest.fixture
def mine(tmp_path, monkeypatch) -> Path:
    """A workspace of the example, with an answer that is wrong."""
    monkeypatch.delenv("GRADE_HISTORY", raising=False)
    folder = tmp_path / "mine"
    workspace.create(course.load(EXAMPLE), folder)
    (folder / "exercises" / "ex01_rms_norm.py").write_text(WRONG)
    return folder


def asked(folder: Path, *calls: tuple[str, dict], lang: str = "en") -> tuple[object, list]:
    """The tools of the server for a folder, and what each call gives, by the SDK's own client."""

    async def talk():
        server = StdioServerParameters(
            command=GRADE[0],
            args=[*GRADE[1:], "mcp", "--course", str(folder), "--lang", lang],
            env={**PLAIN, "PYTHONPATH": str(ROOT)},
            cwd=str(folder),
        )
        async with stdio_client(server) as (read, write), mcp.ClientSession(read, write) as session:
            about = await session.initialize()
            tools = (await session.list_tools()).tools
            results = [await session.call_tool(name, arguments) for name, arguments in calls]
            return (about.instructions, tools), results

    return anyio.run(talk)


def text(result) -> str:
    return "\n".join(block.text for block in result.content)


@pytest.mark.slow
def test_an_assistant_can_do_what_a_learner_can_but_see_the_answer(mine):
    """Every tool, through the protocol: what it says, what it records, and what it leaves out."""
    one = {"exercise": 1}
    (about, tools), results = asked(
        mine,
        ("list", {}),
        ("statement", {"exercise": "rms_norm"}),
        ("counterexample", one),
        ("grade", {**one, "speed": False}),
        ("counterexample", one),
        ("hint", one),
        ("hint", one),
        ("progress", {}),
        ("grade", {"exercise": "--give-up"}),
        ("hint", {"exercise": str(ROOM / "reference.py")}),
        ("statement", {}),
        ("grade", {"number": 1}),
        ("grade", {**one, "speed": "fast"}),
        ("hint", {"exercise": [1]}),
    )
    names = {tool.name for tool in tools}
    assert names == {"list", "statement", "grade", "hint", "counterexample", "progress"}
    assert "never by answers" in " ".join(about.split())
    listed, statement, early, graded, failing, first, second, progress, *refused = results
    assert "Root mean square normalisation" in text(listed)
    assert "rms_norm(x" in text(statement)
    assert early.is_error
    assert "has not been graded yet" in text(early)
    assert "/ 100" in text(graded)
    assert "rms_norm(" in text(failing)
    assert "Hint 2 of 4" in text(first)  # that of the property which failed
    assert "Hint" in text(second)
    assert "0 of 1" in text(progress)
    assert all(each.is_error for each in refused)
    without, misnamed, speed, several = map(text, refused[2:])
    whole = "That is the number or the slug of an exercise; `list` shows them."
    assert without == f"`statement` was called without `exercise`.\n{whole}"
    assert misnamed == f"`grade` was called without `exercise`.\n{whole}"
    assert speed == "`grade` cannot take 'fast' as `speed`.\nThat is true or false."
    assert several == f"`hint` cannot take [1] as `exercise`.\n{whole}"
    answer = (ROOM / "reference.py").read_text()
    for result in results:
        said = text(result)
        assert "grade solution" not in said
        assert not [line for line in answer.splitlines() if len(line) > 24 and line in said]
    found = course.load(mine)
    history = History.of(found)
    exercise = found.exercise("1")
    assert len(history.attempts(exercise)) == 1
    assert len(history.taken(exercise)) == 2
    assert not history.has_given_up(exercise)


@pytest.mark.slow
def test_an_assistant_of_a_chinese_learner_reads_chinese(mine):
    """Descriptions, reports and refusals."""
    (about, tools), (refused, progress) = asked(
        mine, ("statement", {"exercise": 77}), ("progress", {}), lang="zh"
    )
    assert "你是辅导老师" in about
    assert all("\u4e00" <= tool.description[0] <= "\u9fff" for tool in tools)
    assert "77" in text(refused)
    assert "没有" in text(refused)
    assert "继续" in text(progress)


def test_without_the_extra_one_sentence_says_what_to_install(tmp_path):
    """No traceback, and the exit code of usage."""
    code = (
        "import sys; sys.modules['mcp'] = None\n"
        "sys.argv = ['grade', 'mcp']\n"
        "from grader.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**PLAIN, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert "pip install 'torchgrade[mcp]'" in line
