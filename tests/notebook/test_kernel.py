"""Grading from inside a notebook, in real kernels: `%grade 3` and `grader.check(3)`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import commands
import nbformat
import pytest
from commands import GRADE
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from grader.course import model as course

ROOT = Path(__file__).resolve().parent.parent.parent
LAST = course.find(course.bundled()).exercises[-1].number
EXAMPLE = ROOT / "tests" / "example_course"
REFERENCE = ROOT / "solutions" / "ex03_attention_scoring" / "reference.py"
RIGHT = REFERENCE.read_text()
UNSCALED = RIGHT.replace(" / math.sqrt(d)", "")
# A right answer that needs no import, so that a kernel which only hands it in does without torch.
SCORES = """def attention_scores(queries, keys):
    return queries @ keys.mT / keys.shape[-1] ** 0.5
"""
LIGHT = f"""{SCORES}

def attention(queries, keys, values):
    weights = attention_scores(queries, keys).softmax(-1)
    return weights @ values, weights
"""
SECONDS = 300
# A cell below one that shows a grading: what `_` then is.
SAY = "import json; print(json.dumps(_.report.as_json()))"


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a kernel that reads and writes nothing of the user's."""
    folder = tmp_path_factory.mktemp("jupyter")
    places = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    with pytest.MonkeyPatch.context() as patch:
        for name in places:
            patch.setenv(name, str(folder / name.lower()))
        patch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("LC_ALL", "C.UTF-8")
        yield dict(os.environ)


# What the program that a cell grades with does first: it takes the clean process that the tests
# lend to their commands, as `commands.py` says.
TAKE_THE_LENT = """
import sys
if "grader.notebook.grade_cells" in sys.orig_argv:
    sys.path.append({tests!r})
    import commands
    commands.take({address!r})
"""


@pytest.fixture
def lent(variables: dict[str, str], tmp_path_factory, monkeypatch) -> None:
    """Kernels that are started now grade without waiting for torch. (Not so the one of `ran`, and
    the one that is interrupted: they begin their own.)"""
    if len(GRADE) == 3 and GRADE[1] == commands.__file__:
        folder = tmp_path_factory.mktemp("lent")
        tests = str(Path(commands.__file__).parent)
        program = TAKE_THE_LENT.format(tests=tests, address=GRADE[2])
        (folder / "sitecustomize.py").write_text(program)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(ROOT)]))


def executed(folder: Path, *cells: str, notebook: NotebookNode | None = None) -> NotebookNode:
    """A notebook, or one of these cells, run from top to bottom; cells that fail do not end it."""
    notebook = notebook or new_notebook(cells=[new_code_cell(source) for source in cells])
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        allow_errors=True,
        timeout=SECONDS,
        resources={"metadata": {"path": str(folder)}},
    )
    return client.execute()


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: NotebookNode) -> dict[str, str]:
    """The result that a cell shows, by MIME type."""
    (result,) = [each for each in cell.outputs if each.output_type == "execute_result"]
    return dict(result.data)


def error(cell: NotebookNode) -> str:
    """What a cell that failed shows."""
    (failure,) = [each for each in cell.outputs if each.output_type == "error"]
    return "\n".join(failure.traceback)


def said(cell: NotebookNode) -> dict[str, Any]:
    """The report that a cell with SAY prints."""
    return json.loads(cell.outputs[0].text)


def grade(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the real program."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FORCE_"))}
    return subprocess.run(
        [*GRADE, *map(str, arguments)],
        cwd=cwd,
        env={**environment, "COLUMNS": "80", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def graded(exercise: object, path: Path, *others: object) -> Any:
    """The report of the command line; those of several exercises, where others are named."""
    done = grade("exercise", exercise, *others, "-s", path, "-f", "json", "--no-speed")
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def verdict(report: dict[str, Any]) -> dict[str, Any]:
    """What of a report must not depend on the way in: all but the file, times, the machine, and
    where to go from here."""
    apart = {
        "submission",
        "line",
        "next_step",
        "seconds",
        "environment",
        "sandbox",
        "properties",
        "printed",
    }
    results = [
        {key: value for key, value in result.items() if key not in apart}
        for result in report["properties"]
    ]
    return {**{k: v for k, v in report.items() if k not in apart}, "properties": results}


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook of exercise 3 as `grade notebook` writes it, its stub cell filled in wrong."""
    path = tmp_path_factory.mktemp("wrong") / "attention.ipynb"
    done = grade("notebook", 3, "--output", path)
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(path, as_version=4)
    (stub,) = [cell for cell in code(notebook) if "NotImplementedError" in cell.source]
    stub.source = UNSCALED
    assert notebook.cells[-1].source == "%grade 3"
    notebook.cells[-1].source = "%grade 3 --no-speed"
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def ran(variables: dict[str, str], wrong: Path) -> list[NotebookNode]:
    """The cells of that notebook once it has run, and of what is then tried in the same kernel:
    the report as JSON, a right answer, its report, and what is loaded there."""
    notebook = nbformat.read(wrong, as_version=4)
    secret = ("grader.judge", "grader.worker", "hypothesis", "pytest", "solutions")
    for name, source in {
        "say": SAY,
        "right": RIGHT,
        "check": "import grader; grader.check(3, speed=False)",
        "say-again": SAY,
        "ask": f"import sys; [name for name in sys.modules if name.startswith({secret})]",
    }.items():
        notebook.cells.append(new_code_cell(source, id=name))
    return executed(wrong.parent, notebook=notebook).cells


@pytest.mark.slow
def test_a_wrong_answer_gets_the_same_verdict_three_ways(wrong, ran, tmp_path):
    """As a file, as a notebook through the command line, and through the magic: the same score,
    seed, failing properties, counterexample and diagnosis."""
    path = tmp_path / "answer.py"
    path.write_text(UNSCALED)
    as_file, as_notebook, as_magic = graded(3, path), graded(3, wrong), said(ran[-5])
    assert as_file["status"] == "failed"
    assert as_file["misconception"]["name"]
    assert as_file["properties"][0]["counterexample"]
    assert as_file["properties"][0]["comparison"]
    assert verdict(as_notebook) == verdict(as_file)
    assert verdict(as_magic) == verdict(as_file)


@pytest.mark.slow
def test_the_report_is_shown_as_html_with_a_text_for_where_there_is_none(ran):
    """Both say the score, why, the input that fails, and what to do next."""
    data = shown(ran[-6])
    assert data.keys() == {"text/plain", "text/html"}
    for text in data.values():
        assert "look unscaled" in text
        assert "%grade_hint 3" in text
        assert "0.58" in text
    assert "0 / 100  failed" in data["text/plain"]
    assert max(map(len, data["text/plain"].splitlines())) <= 80
    assert "\x1b" not in data["text/plain"]
    assert "<script" not in data["text/html"]


@pytest.mark.slow
def test_a_right_answer_further_down_counts_and_so_it_does_in_the_saved_file(ran, tmp_path):
    """The last definition wins in both; the file is valid with the reports that are in it."""
    assert said(ran[-2])["score"] == 100
    path = tmp_path / "ran.ipynb"
    notebook = new_notebook(cells=ran)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)
    assert verdict(graded(3, path)) == verdict(said(ran[-2]))


@pytest.mark.slow
def test_a_kernel_holds_nothing_that_grades(ran):
    """Neither the judge nor a solution is in the student's process, where a cell could reach it."""
    assert shown(ran[-1])["text/plain"] == "[]"


MIXED = [
    "%load_ext grader\n%matplotlib inline",
    "",
    "!echo a shell line\nfiles = !ls",
    "import math\nfrom torch import Tensor\nimport torch",
    "   \n",
    "def attention_scores(queries, keys):\n    return torch.nn.functional.cosine_similarity(",
    "%%time\ndef helper(x: Tensor) -> Tensor:\n    return torch.softmax(x, dim=-1)",
    UNSCALED.replace("torch.softmax(attention_scores(queries, keys), dim=-1)",
                     "helper(attention_scores(queries, keys))"),
    "import asyncio\nawait asyncio.sleep(0)\nlater = await asyncio.sleep(0, 3)",
    "q = torch.zeros(1, 2, 3)\nout, weights = attention(q, q, q)\nweights.sum(-1)",
    "%%bash\nls (",
    "helper?",
    (ROOT / "solutions" / "ex06_count_conv_params" / "reference.py").read_text(),
    "def helper(x):  # of nothing\n    return x",
    "# grade:skip\ndef attention(q, k, v):\n    return None",
    "boom = 1 / 0",
]  # fmt: skip


@pytest.mark.slow
def test_a_notebook_of_everything_gets_the_same_verdict_both_ways(lent, tmp_path):
    """Magics, shell lines, top-level await, empty cells, other languages, a syntax error outside
    the answer, a failing cell, two exercises; saved in the format of 2013."""
    ran = executed(tmp_path, *MIXED, "%grade 3 --no-speed", SAY, "import grader",
                   "grader.check(6, speed=False)", SAY)  # fmt: skip
    saved = tmp_path / "mixed.ipynb"
    nbformat.write(nbformat.convert(new_notebook(cells=ran.cells), 3), saved, version=3)
    assert json.loads(saved.read_text())["nbformat"] == 3
    scoring, counting = said(ran.cells[-4]), said(ran.cells[-1])
    assert (scoring["status"], counting["status"]) == ("failed", "passed")
    reports = graded(3, saved, 6)
    assert [verdict(scoring), verdict(counting)] == [verdict(each) for each in reports]


@pytest.mark.slow
def test_options_go_to_the_grading(lent, tmp_path):
    """A seed, a device and a course, for the magic as for the function."""
    stub = "def rms_norm(x, weight, eps=1e-6):\n    raise NotImplementedError"
    ran = executed(
        tmp_path,
        "%load_ext grader",
        stub,
        f"%grade rms_norm --seed 7 --device cpu --no-speed --course '{EXAMPLE}'",
        SAY,
        f"import grader; grader.check('01', seed=8, course={str(EXAMPLE)!r}, speed=False)",
        SAY,
    )
    first, second = said(ran.cells[3]), said(ran.cells[5])
    assert [first["seed"], second["seed"]] == [7, 8]
    assert first["status"] == second["status"] == "not_started"
    assert first["exercise"]["slug"] == "rms_norm"


@pytest.mark.slow
def test_mistakes_get_two_lines_and_no_traceback(variables, tmp_path):
    """An unknown exercise or course, words that mean nothing. What lies beside the notebook is not
    mistaken for a module of the grader's."""
    (tmp_path / "course.py").write_text("boom")
    (tmp_path / "random.py").write_text("boom")
    cells = {
        "%load_ext grader": None,
        "%grade 999": f"The nearest is {LAST}",
        "%grade": "exercise",
        "%grade 3 --seed many": "many",
        "%grade 3 'open": "quotation",
        "import grader; grader.check('atention_scoring')": "attention_scoring",
        "grader.check(3, course='/nowhere')": "is no course",
        "grader.check(3, lang='xx')": "xx",
    }
    ran = executed(tmp_path, *cells)
    for cell, part in zip(ran.cells, cells.values(), strict=True):
        if part:
            assert part in error(cell)
            assert "Traceback" not in error(cell)
            assert len(error(cell).splitlines()) <= 2


def test_outside_of_a_notebook_it_says_so():
    """And `import grader` alone loads no torch."""
    code = (
        "import sys, grader, grader.errors\n"
        "assert not {'torch', 'IPython', 'jinja2'} & sys.modules.keys()\n"
        "try: grader.check(3)\n"
        "except grader.errors.UsageError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "this is none" in done.stdout
    assert "grade exercise 3" in done.stdout


class Kernel:
    """A kernel that is told which cell a text is of, as Jupyter and VS Code tell it."""

    def __init__(self, folder: Path) -> None:
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(folder))
        self.run("setup", "%load_ext grader")

    def send(self, cell: str, source: str) -> str:
        """Begin to run a cell; the request's name."""
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False,
                   "user_expressions": {}, "stop_on_error": False}  # fmt: skip
        message = self.client.session.msg("execute_request", content)
        message["metadata"] = {"cellId": cell}
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def reply(self, request: str) -> dict[str, Any]:
        """How the run ended."""
        while True:
            message = self.client.get_shell_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def run(self, cell: str, source: str) -> dict[str, Any]:
        return self.reply(self.send(cell, source))

    def checked(self, expression: str) -> Any:
        """The value of an expression about `report`, that of exercise 1 graded now."""
        check = f"grader.check(1, speed=False, course={str(EXAMPLE)!r}).report"
        request = self.send("check", f"import grader; report = {check}")
        assert self.reply(request)["status"] == "ok"
        self.client.execute("", user_expressions={"value": f"({expression})"}, silent=True)
        while "user_expressions" not in (
            reply := self.client.get_shell_msg(timeout=SECONDS)["content"]
        ):
            pass
        return reply["user_expressions"]["value"]["data"]["text/plain"]


@pytest.fixture
def kernel(variables: dict[str, str], tmp_path: Path) -> Iterator[Kernel]:
    found = Kernel(tmp_path)
    yield found
    found.client.stop_channels()
    found.manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_a_cell_counts_as_it_ran_last(lent, kernel):
    """What it said before is gone: a forbidden attempt, and a helper that the kernel still knows
    and the saved file no longer has."""
    answer = "def rms_norm(x, weight, eps=1e-6):\n    return x / size(x, eps) * weight"
    size = "def size(x, eps):\n    return torch.sqrt((x * x).mean(-1, keepdim=True) + eps)"
    kernel.run("imports", "import torch")
    kernel.run("answer", "def rms_norm(*a):\n    return torch.nn.functional.rms_norm(*a)")
    assert kernel.checked("report.status.value") == "'rejected'"
    kernel.run("helper", size)
    kernel.run("answer", answer)
    assert kernel.checked("report.status.value, report.score") == "('passed', 100)"
    kernel.run("helper", "# later")
    assert "name 'size' is not defined" in kernel.checked("report.properties[0].message")


def child_of(pid: int) -> int:
    """The first process that another has started, as soon as there is one."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    while not (found := children.read_text().split()):
        pass
    return int(found[0])


def test_an_interrupt_ends_the_grading(kernel):
    """The stop button leaves no process behind, and the kernel goes on."""
    kernel.run("answer", "def rms_norm(x, weight, eps=1e-6):\n    while True: pass")
    request = kernel.send("check", f"import grader; grader.check(1, course={str(EXAMPLE)!r})")
    judge = child_of(kernel.manager.provisioner.pid)
    child_of(judge)  # it has begun: a worker is there
    kernel.manager.interrupt_kernel()
    reply = kernel.reply(request)
    assert reply["traceback"] == ["The grading was stopped."]
    assert not Path(f"/proc/{judge}").exists()
    assert kernel.run("next", "1 + 1")["status"] == "ok"


def printed(cell: NotebookNode) -> str:
    """What a cell printed."""
    return "".join(o.text for o in cell.outputs if o.output_type == "stream")


@pytest.mark.slow
def test_the_call_that_fails_comes_as_a_cell(lent, tmp_path):
    """`%grade_debug 3` puts it below; the cell runs on the notebook's own functions, is no part of
    the answer, and is right once that is."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    put: list[str] = []

    def shows(source: str) -> str:
        """What a cell prints; what it puts below itself comes to `put`."""
        texts: list[str] = []

        def note(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                texts.append(message["content"]["text"])

        reply = client.execute_interactive(source, timeout=SECONDS, output_hook=note)
        below = [p for p in reply["content"]["payload"] if p["source"] == "set_next_input"]
        put.extend(each["text"] for each in below)
        return "".join(texts)

    try:
        shows("%load_ext grader")
        shows(UNSCALED)
        assert "next cell" in shows("%grade_debug 3 --device cpu")
        (cell,) = put
        assert "attention_scores(queries, keys)" in cell
        assert "the result is" in shows(cell)
        shows(RIGHT)
        assert shows(cell).startswith("Right")
        shows("%grade 3 --no-speed")
        assert json.loads(shows(SAY))["score"] == 100
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_hints_and_what_is_next_without_a_shell(variables, tmp_path):
    """`%grade_hint` and `%grade_next` need no environment that is active, and name magics."""
    own = shutil.copytree(EXAMPLE, tmp_path / "own")
    words = ("%grade_hint 1", "%grade_hint", "%grade_next", "%grade_hint 99")
    ran = executed(own, "%load_ext grader", *words)
    assert "Hint 1 of 4" in printed(ran.cells[1])
    assert "%grade_hint 1" in printed(ran.cells[1])
    assert "Hint 2 of 4" in printed(ran.cells[2])
    assert "Root mean square" in printed(ran.cells[3])
    assert "%grade 1" in printed(ran.cells[3])
    assert len(error(ran.cells[4]).splitlines()) <= 2


@pytest.mark.slow
def test_a_cell_that_has_not_run_is_asked_for(variables, tmp_path):
    """An answer that is nowhere in what ran is neither failed nor not started."""
    ran = executed(tmp_path, "%load_ext grader", "%grade 3", "x = 1", "%grade 3")
    for number in (1, 3):
        assert "No cell that ran defines `attention_scores`, `attention`." in error(
            ran.cells[number]
        )
        assert "Run the cell with your answer" in error(ran.cells[number])


@pytest.mark.slow
def test_one_function_that_has_not_run_is_named(lent, tmp_path):
    """Where a part of the answer ran, the rest is graded, and the message says what to run."""
    ran = executed(tmp_path, "%load_ext grader", SCORES, "%grade 3 --no-speed", SAY)
    messages = [each["message"] or "" for each in said(ran.cells[3])["properties"]]
    assert any("No cell that ran defines it" in message for message in messages)


@pytest.mark.slow
def test_a_cell_that_grades_says_how_far_it_is(lent, tmp_path):
    """Lines that take each other's place come while it runs, and none of them stays."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    seen: list[str] = []

    def note(message: dict[str, Any]) -> None:
        if message["msg_type"] in ("display_data", "update_display_data"):
            seen.append(message["content"]["data"]["text/plain"])

    try:
        client.execute_interactive("%load_ext grader", timeout=SECONDS, output_hook=note)
        client.execute_interactive(LIGHT, timeout=SECONDS, output_hook=note)
        client.execute_interactive("%grade 3 --no-speed", timeout=SECONDS, output_hook=note)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert "Starting" in seen[0]
    assert any("tried: Each score is" in text for text in seen)
    assert seen[-1] == ""


@pytest.mark.slow
def test_a_kernel_without_the_package_says_so(variables, tmp_path):
    """The first cell of a notebook says which kernel to take, without a traceback."""
    written = tmp_path / "three.ipynb"
    assert grade("notebook", "3", "--output", written).returncode == 0
    setup = nbformat.read(written, as_version=4).cells[1].source
    # As where the package is not installed.
    hide = (
        "import sys\n"
        "class Nothing:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'grader': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Nothing())"
    )
    ran = executed(tmp_path, hide, setup)
    assert "Choose the kernel" in printed(ran.cells[1])
    assert [o for o in ran.cells[1].outputs if o.output_type == "error"] == []


@pytest.mark.slow
def test_a_notebook_from_a_repository_installs_what_the_kernel_lacks(lent, tmp_path):
    """Its first cell asks pip for the program from there, once, and loads it at once."""
    written = tmp_path / "three.ipynb"
    address = "https://github.com/someone/course"
    done = grade("notebook", "3", "--repository", address, "--output", written)
    assert done.returncode == 0
    _, setup, _, answer, check = nbformat.read(written, as_version=4).cells
    # pip's own magic, as where it brings the package.
    bare = (
        "import sys\n"
        "class Nothing:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'grader': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Nothing())\n"
        "def pip(line):\n"
        "    print('asked:', line)\n"
        "    sys.meta_path.pop(0)\n"
        "get_ipython().register_magic_function(pip)"
    )
    cells = [bare, setup.source, answer.source, check.source + " --no-speed", setup.source]
    ran = executed(tmp_path, *cells)
    assert printed(ran.cells[1]) == f"asked: install -q git+{address}\n"
    assert "not started" in str(ran.cells[3].outputs)
    assert "asked" not in printed(ran.cells[4])
