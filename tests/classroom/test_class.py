"""`grade class`: a folder of submissions in, a gradebook out, whatever happens between."""

import csv
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import synthetic
from commands import GRADE
from snapshots import kept_as

from grader.classroom.kept.gradebook import Gradebook

ROOT = Path(__file__).resolve().parents[2]
COURSE = Path(__file__).resolve().parent / "odd_course"
RIGHT = b"def double(x):\n    return x + x\n"
HALF = b"def double(x):\n    return x + 1\n"
NEGATE = b"def negate(x):\n    return -x\n"
STUB = (COURSE / "exercises" / "ex01_double.py").read_bytes()
ONE, TWO = "ex01_double", "ex02_negate"

# What each student hands in, and the score that must come of it, by exercise.
CLASS = {
    "ada": ({f"ada/{ONE}.py": RIGHT, f"ada/{TWO}.py": NEGATE}, {1: 100, 2: 100}),
    "alan": ({f"alan/{ONE}.py": HALF, f"alan/{TWO}.py": NEGATE}, {1: 40, 2: 100}),
    "barbara": (
        {"barbara.ipynb": synthetic.notebook(RIGHT.decode(), NEGATE.decode())},
        {1: 100, 2: 100},
    ),
    "claude": ({"claude.zip": synthetic.zipped({f"hw/{ONE}.py": RIGHT})}, {1: 100}),
    "donald": ({"donald/hw.tar.gz": synthetic.tarred({"ex1.py": HALF})}, {1: 40}),
    "edsger": ({f"edsger/{ONE}.py": STUB}, {1: 0}),
    "frances": ({f"frances/{ONE}.py": b"def double(x:\n"}, {1: 0}),
    "grace": ({f"grace/{ONE}.py": RIGHT + b"\nimport os\nos._exit(0)\n"}, {1: 0}),
    "john": ({f"john/{ONE}.py": b"def double(x):\n    return x * 1001\n"}, {1: 0}),  # kills a judge
    "john2": ({f"john2/{ONE}.py": b"\xff\xfe\x00\x00"}, {1: 0}),
    "kathleen": ({"kathleen.zip": b"PK\x03\x04 no archive"}, {1: 0, 2: 0}),
    "quinn": ({f"quinn/{ONE}.py": b"def double(x):\n    return x * 1005\n"}, {1: 0}),  # ungraded
    "tony": ({f"tony/{ONE}.py": RIGHT.replace(b"x + x", b"x.cumsum(0)")}, {1: 0}),
    "zoe": ({f"zoe/{ONE}.py": RIGHT}, {1: 100}),  # as Ada's
}
EXPECTED = {
    (who, number): score for who, (_, scores) in CLASS.items() for number, score in scores.items()
}


def grade(*arguments: object, cwd: Path = ROOT, **options: object) -> subprocess.CompletedProcess:
    """Run the real program to its end."""
    return subprocess.run(
        command(*arguments), cwd=cwd, env=environment(), capture_output=True, text=True, timeout=300
    )


def command(*arguments: object) -> list[str]:
    return [*GRADE, "class", *map(str, arguments)]


def environment() -> dict[str, str]:
    mine = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FORCE_"))}
    return {**mine, "COLUMNS": "80", "PYTHONPATH": str(ROOT)}


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_790_000_000, 1_790_000_000))


@pytest.fixture(scope="module")
def submissions(tmp_path_factory) -> Path:
    """The folder of a small class with everything in it that a class may hold."""
    folder = tmp_path_factory.mktemp("submissions")
    for files, _ in CLASS.values():
        write(folder, files)
    return folder


class Graded:
    """A run that is over: what it printed, its folder and its gradebook."""

    def __init__(self, done: subprocess.CompletedProcess, folder: Path) -> None:
        self.done = done
        self.folder = folder

    def rows(self) -> dict[str, dict[str, str]]:
        with (self.folder / "gradebook.csv").open() as file:
            return {row["student"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded(submissions, tmp_path_factory) -> Graded:
    """The class, graded by one judge without a disturbance."""
    folder = tmp_path_factory.mktemp("graded") / "out"
    done = grade(submissions, "--output", folder, "--course", COURSE, "--seed", 5, "--jobs", 1,
                 "--csv", "canvas")  # fmt: skip
    assert done.stderr == ""
    return Graded(done, folder)


def scores(place: str | Path) -> dict[tuple[str, int], int]:
    """Every newest score in a gradebook."""
    with Gradebook.open(place) as book:
        numbers = {column.slug: column.number for column in book.exercises()}
        found = {attempt.id: attempt for attempt in book.attempts()}
        return {
            (found[number].student, numbers[found[number].exercise]): result.score
            for number, result in book.latest().items()
        }


def contents(place: str | Path) -> dict[tuple[str, str, str], list[object]]:
    """Everything in a gradebook but when, by whom, and how long it took."""
    with Gradebook.open(place) as book:
        whole = {}
        for attempt in book.attempts():
            history = []
            for result in book.history(attempt.student, attempt.exercise):
                report = without_seconds(dict(result.content))
                history.append((result.run, result.key, result.why, result.status, report))
            place = (attempt.student, attempt.exercise, attempt.sha256)
            whole[place] = [attempt.path, attempt.submitted_at, history]
        runs = [(run.id, run.seed, run.ended_at is not None) for run in book.runs()]
        return whole | {("runs", "", ""): runs}


def without_seconds(value: object) -> object:
    match value:
        case dict():
            return {k: without_seconds(v) for k, v in value.items() if k != "seconds"}
        case list():
            return [without_seconds(each) for each in value]
    return value


@pytest.mark.slow
def test_everybody_gets_what_they_earned(graded):
    """One that kills its judge, one that ends its process and two that nobody can read cost
    themselves alone; exit code 2, because a fault of the properties left one without a verdict."""
    assert graded.done.returncode == 2, graded.done.stdout
    assert scores(graded.folder / "gradebook.sqlite3") == EXPECTED


def test_the_table_says_the_same(graded):
    """`gradebook.csv`: a row a student, the scores by exercise, and how each came about."""
    rows = graded.rows()
    assert rows.keys() == CLASS.keys()
    for who, (_, expected) in CLASS.items():
        if who != "quinn":
            assert rows[who][ONE] == str(expected[1])
            assert rows[who][TWO] == str(expected.get(2, ""))
            assert rows[who]["total"] == str(sum(expected.values()))
    unjudged = rows["quinn"]
    assert (unjudged[ONE], unjudged["total"], unjudged[f"{ONE} status"]) == ("", "", "ungraded")
    assert rows["edsger"][f"{ONE} status"] == "not_started"
    assert rows["tony"][f"{ONE} status"] == "rejected"
    assert rows["ada"][f"{ONE} submitted at"] == "2026-09-21T14:13:20+00:00"


def test_every_report_is_a_file(graded):
    """The one of what cannot be read says why, and where it came from."""
    for who, (_, expected) in CLASS.items():
        for number, score in expected.items():
            stem = ONE if number == 1 else TWO
            report = json.loads((graded.folder / "records" / who / f"{stem}.json").read_text())
            assert (report["score"], report["seed"]) == (score, 5)
            assert report["submission"]["path"].startswith(who)
            assert report["properties"] or report["reason"]
    report = json.loads((graded.folder / "records" / "kathleen" / f"{TWO}.json").read_text())
    assert "kathleen.zip cannot be opened" in report["reason"]
    assert report["next_step"]


def test_pages_are_written_for_the_class_and_for_each(graded):
    """The page of the class links to everybody's, also to those who get nothing."""
    index = (graded.folder / "index.html").read_text()
    for who in CLASS:
        assert f'href="reports/{who}/index.html"' in index
        assert "Twice as much" in (graded.folder / "reports" / who / "index.html").read_text()
    killer = index[index.index("Crashed, hung or flooded") : index.index("Students by property")]
    assert "SIGKILL" in killer


def test_the_screen_says_what_a_teacher_needs(graded):
    """Progress line by line in a pipe, then a table, what could not be read, and where it is."""
    said = graded.done.stdout
    lines = said.splitlines()
    assert re.match(r"\d+ to grade, 3 settled without grading", lines[0])
    assert f"alan {ONE}: 40/100 partial" in said
    assert "1. Twice as much" in said
    assert "john2/ex01_double.py is not UTF-8 text" in said
    assert "The archive kathleen.zip cannot be opened" in said
    assert "fault of the grader's own" in said
    assert "quinn/ex01_double.py: The grader itself is at fault" in said
    assert "wrote" in said
    assert "The seed is 5" in said
    assert "\x1b[" not in said


@pytest.mark.slow
def test_the_screen_reads_so(graded, snapshot):
    """Word for word, but for where it all lies, and for what this machine lacks."""
    said = re.sub(r"^wrote .*/", "wrote out/", graded.done.stdout, flags=re.MULTILINE)
    said = re.sub(r"See /.*/(?=grader\.log)", "See out/", said)
    said = re.sub(r"\nThe sandbox lacks: .*\nSee grade doctor; .*\n", "", said)
    assert said == snapshot(extension_class=kept_as("txt"))


def test_other_tables_are_written_where_they_are_asked_for(graded):
    """`--csv canvas` beside the gradebook's own."""
    table = (graded.folder / "canvas.csv").read_text().splitlines()
    assert (
        table[0] == "Student,ID,SIS User ID,SIS Login ID,Section,1. Twice as much,2. The other way"
    )
    assert table[2] == "ada,,,,,100,100"


def test_two_files_that_are_the_same_are_graded_once(graded):
    """Ada's and Zoe's are one grading with two results, each under its own path."""
    with Gradebook.open(graded.folder / "gradebook.sqlite3") as book:
        ada, zoe = (book.history(who, "double")[0] for who in ("ada", "zoe"))
    assert ada.key == zoe.key
    assert ada.report.seconds == zoe.report.seconds
    assert (ada.report.path, zoe.report.path) == (f"ada/{ONE}.py", f"zoe/{ONE}.py")


class Watched:
    """A run of which every line is read as it comes."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(
            command(*arguments), cwd=ROOT, env=environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def results(self, count: int) -> int:
        """Wait for so many results; fewer where it ended before."""
        seen = 0
        while seen < count and (line := self.process.stdout.readline()):
            seen += bool(re.match(r"\d+/\d+ ", line))
        return seen

    def end(self, number: signal.Signals) -> str:
        """Send it a signal, and give what it still said."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        return rest


def killed_and_resumed(submissions: Path, place: str | None, folder: Path, seed: int, kills: int):
    """Kill a run with SIGKILL, and the one that resumes it, and so on; then let one end."""
    draw = random.Random(seed)
    gradebook = ["--gradebook", place] if place else []
    given = [submissions, "--output", folder, "--course", COURSE, "--jobs", 2, *gradebook]
    for kill in range(kills):
        has_begun = kill > 0
        watched = Watched(*given, *(["--resume"] if has_begun else ["--seed", 5]))
        watched.results(draw.randrange(1, 4))
        time.sleep(draw.random() * 0.1)
        watched.end(signal.SIGKILL)
    return grade(*given, "--resume")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_run_resumed_ends_like_one_that_was_not(
    graded, submissions, tmp_path, request, kind
):
    """With SIGKILL, in another moment each time, by two judges: the same gradebook, and nothing is
    graded twice."""
    place = request.getfixturevalue("postgres_database")() if kind == "postgresql" else None
    folder = tmp_path / "out"
    done = killed_and_resumed(submissions, place, folder, seed=len(kind), kills=1)
    assert done.returncode == 2, done.stdout + done.stderr
    undisturbed = contents(graded.folder / "gradebook.sqlite3")
    assert contents(place or folder / "gradebook.sqlite3") == undisturbed
    assert Graded(done, folder).rows() == graded.rows()


@pytest.mark.slow
def test_stopped_by_hand_it_says_how_to_go_on(submissions, tmp_path):
    """Ctrl-C: what is graded is kept, and the command that goes on is there to copy."""
    folder, many = tmp_path / "out", tmp_path / "submissions"
    shutil.copytree(submissions, many)
    for n in range(20):  # the last, who keep the run from ending before it is stopped
        (many / f"zuse-{n}").mkdir()
        (many / f"zuse-{n}" / "ex01_double.py").write_text(
            f"import time\n\ntime.sleep(1e6 + {n})\n"
        )
    given = [many, "-o", folder, "--course", COURSE, "--jobs", 1, "--seed", 5]
    watched = Watched(*given)
    assert watched.results(2) == 2
    said = watched.end(signal.SIGINT)
    assert watched.process.returncode == 130
    assert "Traceback" not in said
    words = shlex.split(re.search(r"Go on with: (.*)", said)[1])
    assert words == ["grade", "class", *map(str, given), "--resume"]
    assert Graded(None, folder).rows()["kathleen"]["total"] == "0"
    assert len(scores(folder / "gradebook.sqlite3")) >= 2 + 3
    with Gradebook.open(folder / "gradebook.sqlite3") as book:
        assert [run.ended_at for run in book.runs()] == [None]


@pytest.mark.slow
def test_files_where_it_is_run_are_not_imported(tmp_path):
    """A torch.py that somebody handed in is not run by the grader, wherever that is called."""
    marker = tmp_path / "marker"
    folder = tmp_path / "submissions"
    hostile = f"open({str(marker)!r}, 'w')\nraise SystemExit\n".encode()
    write(folder, {f"ada/{ONE}.py": RIGHT})
    for name in ("torch", "pytest", "hypothesis", "multiprocessing", "grader", "random"):
        write(folder / "ada", {f"{name}.py": hostile})
    code = "import sys; sys.argv[0] = 'grade'; from grader.cli import main; main()"
    arguments = [folder, "-o", tmp_path / "out", "--course", COURSE, "-e", 1, "--jobs", 1]
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "class", *map(str, arguments)],
        cwd=folder / "ada", env=environment(), capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not marker.exists()
    assert scores(tmp_path / "out" / "gradebook.sqlite3") == {("ada", 1): 100}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere", "-o", "out"], "There is no folder nowhere"),
        (["class", "-o", "class/out"], "would be graded with them"),
        (["class", "-o", "missing/out"], "There is no folder missing"),
        (["class", "-o", "file"], "file is a file"),
        (["class", "-o", "out", "--resume"], "no run to resume"),
        (["class", "-o", "out", "-e", "99"], "no exercise '99'"),
        (["class", "-o", "out", "--pattern", "("], "no regular expression"),
        (["class", "-o", "out", "--gradebook", "mysql://x"], "SQLite or PostgreSQL"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(tmp_path, arguments, says):
    """Exit code 2, a sentence, and no folder left behind."""
    write(tmp_path, {"class/ada/ex01_double.py": RIGHT, "file": b""})
    done = grade(*arguments, "--course", COURSE, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert not list(tmp_path.rglob("gradebook*"))


@pytest.mark.slow
def test_two_of_one_name_are_graded_apart_or_not_at_all(tmp_path):
    """With ids each has a row; without, exit code 2, both names, and nothing is written."""
    names = ("Ada_1_assignsubmission_file_", "Ada_2_assignsubmission_file_")
    files = {f"{name}/{ONE}.py": data for name, data in zip(names, (RIGHT, HALF), strict=True)}
    write(tmp_path / "class", files)
    done = grade(
        "class", "-o", "out", "--pattern", "moodle", "--course", COURSE, "-j", 2, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "Ada is the name of 2 students" in done.stdout
    rows = {row["id"]: row for row in csv.DictReader((tmp_path / "out/gradebook.csv").open())}
    assert {number: row["ex01_double"] for number, row in rows.items()} == {"1": "100", "2": "40"}
    write(tmp_path / "other", {f"Jos\u00e9/{ONE}.py": RIGHT, f"Jose\u0301/{ONE}.py": HALF})
    done = grade("other", "-o", "out2", "--course", COURSE, cwd=tmp_path)
    assert done.returncode == 2
    assert "'Jos\\xe9'" in done.stderr
    assert "'Jose\\u0301'" in done.stderr
    assert not (tmp_path / "out2").exists()


@pytest.mark.slow
def test_no_log_takes_orders_from_the_name_of_a_file(tmp_path):
    """On the screen of a run, in what it writes, and in what it refuses."""
    write(
        tmp_path / "class",
        {
            f"::add-mask::100/{ONE}.py": HALF,
            f"##vso[task.complete]/{ONE}.py": b"\xff\xfe\x00",
            f"zoe/\n::set-output name=a::b\n{ONE}.py": b"\xff\xfe\x00",
            f"zoe/##[error]{TWO}.ipynb": b"",
        },
    )
    done = grade("class", "-o", "out", "--course", COURSE, "-j", 2, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = [path.read_text() for path in (tmp_path / "out").rglob("*.json")]
    assert len(report) == 4
    refused = grade("::stop-commands::x", "-o", "out", "--course", COURSE, cwd=tmp_path)
    assert refused.returncode == 2
    table = (tmp_path / "out" / "gradebook.csv").read_text()
    for log in (done.stdout, done.stderr, refused.stderr, table, *report):
        for line in log.splitlines():
            assert not line.lstrip().startswith("::")
            assert not re.search(r"##\w*\[", line)
