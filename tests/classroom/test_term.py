"""A term of six weeks for twenty students who never were, in SQLite and in PostgreSQL.

Every week somebody hands in late, is ill, changes teams or names; the course is mended twice, runs
are killed, a node is lost, the gradebook's format is raised on the way, and somebody complains.
Every final mark is held against one that is worked out here, by hand, from the rules of the course.
"""

import csv
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import GRADE
from quality import sample
from test_class import COURSE, ROOT, Watched, environment, grade
from test_migrations import OLD, copy_to
from test_ray_engine import Nodes

from grader.classroom.kept.gradebook import Gradebook

pytestmark = pytest.mark.slow

WEEK = timedelta(days=7)
START = datetime(2026, 10, 5, 12, tzinfo=UTC)
RIGHT, HALF, WRONG = "x + x", "x + 1", "x"
# Of 100: what each answer is worth in the course as it begins, after its first mending (the second
# property is worth twice the first), and after its second (there are 50 points to get in all).
WORTH = {RIGHT: (100, 100, 50), HALF: (40, 33, 16), WRONG: (0, 0, 0)}
LAST_TERM = {
    "ada": ("100", "100"),
    "alan": ("100", ""),
    "grace": ("0", ""),
    "kathleen": ("0", "0"),
    "zoe": ("100", ""),
}
STUDENTS = [f"s{number:02d}" for number in range(20)]
ONE, TWO = "ex01_double", "ex02_negate"

POLICY = """
[policy]
late_penalty = 10
late_penalty_most = 50
counts = "best"

[policy.deadlines]
1 = {first}
2 = {second}

[policy.last_days]
1 = {last}

[policy.teams]
red = ["s18", "s19"]
"""


def stamp(moment: datetime) -> str:
    return moment.isoformat()


class Term:
    """The course, what lies in the folder of hand-ins, and the commands of a teacher."""

    def __init__(self, folder: Path, place: str | None) -> None:
        self.folder = folder
        self.course = folder / "course"
        self.submissions = folder / "submissions"
        self.output = folder / "out"
        self.place = place
        shutil.copytree(COURSE, self.course)
        self._file = self.course / "exercises" / "course.toml"
        policy = POLICY.format(
            first=stamp(START + 2 * WEEK),
            second=stamp(START + 4 * WEEK),
            last=stamp(START + 4 * WEEK),
        )
        text = self._file.read_text().replace("[[parts]]", f"{policy}\n[[parts]]", 1)
        self._file.write_text(text)
        self._dates: dict[str, datetime] = {}
        self.roster = folder / "class.csv"
        self.roster.write_text(
            "student,id\n" + "".join(f"{s},{i:04d}\n" for i, s in enumerate(STUDENTS))
        )

    def hand_in(self, who: str, stem: str, answer: str, moment: datetime) -> None:
        name = "double" if stem == ONE else "negate"
        path = self.submissions / who / f"{stem}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"def {name}(x):\n    return {answer}\n")
        self._dates[f"{who}/{stem}.py"] = moment

    def new_week(self) -> None:
        """The folder of last week is gone."""
        shutil.rmtree(self.submissions, ignore_errors=True)
        self.submissions.mkdir()
        self._dates.clear()

    def arguments(self, *more: object) -> list[object]:
        lines = [f"{path},{stamp(moment)}" for path, moment in self._dates.items()]
        (self.submissions / "submissions.csv").write_text("\n".join(["path,submitted_at", *lines]))
        kept = ["--gradebook", self.place] if self.place else []
        return [self.submissions, "-o", self.output, "--course", self.course, "--jobs", 2,
                *kept, *more]  # fmt: skip

    def grade(self, *more: object) -> str:
        done = grade(*self.arguments(*more))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def grade_where_a_node_is_lost(self, nodes: Nodes, *more: object) -> None:
        """A run on a cluster of two nodes, of which one dies while it grades."""
        nodes.order(f"add {ROOT}")
        program = nodes.grade(*self.arguments(*more))
        while not nodes.marker.exists():
            assert program.poll() is None, program.communicate()
            time.sleep(0.05)
        nodes.order(f"lose {nodes.marker.read_text()}")
        said, errors = program.communicate(timeout=300)
        assert program.returncode == 0, said + errors
        nodes.marker.unlink()

    def kill(self, after: int, *more: object) -> None:
        """Begin a run, and kill it with SIGKILL after so many results."""
        watched = Watched(*self.arguments(*more))
        assert watched.results(after) == after
        watched.end(signal.SIGKILL)

    def teach(self, *words: object) -> str:
        """A command on the gradebook."""
        where = ["--gradebook", self.place or self.output]
        done = subprocess.run(
            [*GRADE, *map(str, (*words, *where))],
            cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def publish(self) -> None:
        self.teach("gradebook", "publish", "-o", self.output, "--course", self.course)

    def fill(self, system: str, table: list[list[str]], *columns: str) -> list[list[str]]:
        """A school's own table, as it comes back with marks in it; a stranger in it is named."""
        separator, encoding = ("\t", "utf-16") if system == "blackboard" else (",", "utf-8-sig")
        given, filled = self.folder / f"{system}-given", self.folder / f"{system}-filled"
        with given.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=separator).writerows(table)
        options = [word for column in columns for word in ("--column", column)]
        said = self.teach("gradebook", "fill", given, "-o", filled, "--course", self.course,
                          *options)  # fmt: skip
        assert "Stranger" in said
        assert "s15 is out of the class" in said
        assert "no line: kathleen" in said
        with filled.open(encoding=encoding, newline="") as file:
            return list(csv.reader(file, delimiter=separator))

    def rows(self) -> dict[str, dict[str, str]]:
        with (self.output / "gradebook.csv").open() as file:
            return {row["student"]: row for row in csv.DictReader(file)}

    def mend(self, old: str, new: str) -> None:
        properties = self.course / "solutions" / ONE / "properties.py"
        assert old in properties.read_text()
        properties.write_text(properties.read_text().replace(old, new))

    def halve(self) -> None:
        """Exercise 1 is worth 50 from now on."""
        text = self._file.read_text()
        self._file.write_text(text.replace('slug = "double"', 'slug = "double"\npoints = 50'))


@pytest.fixture(params=sample(["sqlite", "postgresql"], 2))
def term(request, tmp_path) -> Term:
    """One whose gradebook is of the first format yet, with five of last term in it."""
    if request.param == "postgresql":
        place = request.getfixturevalue("postgres_database")()
        copy_to(OLD, place)
        return Term(tmp_path, place)
    made = Term(tmp_path, None)
    made.output.mkdir()
    shutil.copy(OLD, made.output / "gradebook.sqlite3")
    return made


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """A Ray cluster of one node; one more is added in every term, and one is lost."""
    pytest.importorskip("ray", reason="Ray clusters were NOT tested: ray is not installed")
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # short, for sockets
    folder.chmod(0o755)
    cluster = Nodes(folder)
    try:
        cluster.order(f"add {ROOT}")
        yield cluster
    finally:
        cluster.close()
        shutil.rmtree(folder)


def percent(score: float, days: int) -> str:
    return f"{score * (100 - min(10 * days, 50)) / 100:.2f}".rstrip("0").rstrip(".")


def test_a_term_of_six_weeks(term, nodes):
    """See the head of this file; the numbers in the comments are those of the students."""
    draw = random.Random(7)
    deadline = START + 2 * WEEK
    answers = {who: draw.choice((RIGHT, HALF, WRONG)) for who in STUDENTS}
    # Who is spoken of below has an answer that shows it.
    answers |= {"s00": RIGHT, "s01": RIGHT, "s02": HALF, "s03": HALF, "s04": RIGHT, "s05": RIGHT,
                "s06": HALF, "s07": RIGHT, "s10": HALF, "s17": WRONG, "s18": RIGHT}  # fmt: skip
    late = {"s01": 1, "s04": 3, "s05": 9}  # days begun

    # Week 1: exercise 1. 07 hands in nothing; 19 is in a team with 18, who hands in for both; 08
    # comes under a login of an older year.
    term.new_week()
    for who in STUDENTS:
        if who not in ("s07", "s19"):
            called = "old-08" if who == "s08" else who
            days = late.get(who, 0)
            moment = (
                deadline + timedelta(days=days - 0.5) if days else deadline - timedelta(hours=1)
            )
            term.hand_in(called, ONE, answers[who], moment)
    (term.submissions / "Thumbs.db").write_bytes(b"\0")
    shutil.copy(term.roster, term.submissions / "class.csv")
    term.teach("gradebook", "upgrade")  # what last term's grade wrote
    term.publish()
    assert {who: (row[ONE], row[TWO]) for who, row in term.rows().items()} == LAST_TERM
    said = term.grade("--dry-run", "--students", term.roster)
    assert "Nothing was graded" in said
    assert "Not a submission: Thumbs.db, class.csv." in said
    term.kill(2, "--students", term.roster, "--seed", 5, "--why", "week 1", "--csv", "canvas")
    said = term.grade("--resume")
    assert "Not on the list: ada, alan, grace, kathleen, old-08, zoe." in said
    assert (term.output / "canvas.csv").is_file()
    term.teach("student", "merge", "old-08", "s08")

    # Week 2: 10 hands in a better answer, too late for full marks; 02 a worse one, which takes
    # nothing away. The folder has those two alone.
    term.new_week()
    term.hand_in("s10", ONE, RIGHT, deadline + timedelta(days=1.5))
    term.hand_in("s02", ONE, WRONG, deadline + timedelta(days=1))
    said = term.grade("--why", "week 2")
    assert "s10, Twice as much: 40 to 80" in said

    # Week 3: the course is mended: who is right in the second property alone... nobody is; it is
    # worth twice the first. All is graded again from the gradebook; the run is killed on the way.
    term.mend("points(40)", "points(30)")
    term.new_week()
    term.hand_in("s09", TWO, "-x", START)
    term.kill(1, "--regrade", "--why", "points of exercise 1")
    term.grade("--resume")
    with Gradebook.open(term.place or term.output / "gradebook.sqlite3") as book:
        assert {run.why for run in book.runs()} >= {"week 1", "week 2", "points of exercise 1"}
    moved = (term.output / "changes.csv").read_text()
    assert "s03,Twice as much,40,33" in moved

    # Week 4: exercise 2. 11 is ill and has more time; 12 has a doctor's note and is excused; 13 has
    # not, and is late by two days.
    term.new_week()
    second = START + 4 * WEEK
    for who in STUDENTS:
        days = {"s11": 4, "s13": 2}.get(who, 0)
        if who not in ("s12", "s19"):
            called = "old-08" if who == "s08" else who
            term.hand_in(called, TWO, "-x", second + timedelta(days=days) - timedelta(hours=1))
    term.teach("extend", "s11", 2, "--until", stamp(second + WEEK), "--why", "ill")
    term.teach("mark", "0012", 2, "--excuse", "--why", "ill")
    term.grade()

    # Week 5: the course is mended again: there are 50 points to get for exercise 1. 03 complains,
    # and 06 gets points for a property that was too hard.
    term.halve()
    term.new_week()
    term.hand_in("s14", TWO, "-x", START)
    term.grade("--regrade", "--why", "half the points")
    term.teach("mark", "s03", 1, "--score", 45, "--why", "the formula was right", "--by", "ann")
    term.teach("mark", "s06", 1, "--points", "test_many=20", "--why", "misprint")
    term.teach("mark", "s05", 1, "--comment", "Come and see me.")

    # Week 6: 15 leaves; 16 marries; a comment is taken back; all is graded once more.
    term.teach("student", "drop", "s15")
    term.teach("student", "rename", "s16", "s16 Noether")
    term.teach("mark", "s00", 1, "--score", 1)
    term.teach("mark", "s00", 1, "--undo", "--why", "another student's")
    term.new_week()
    term.hand_in("s16", TWO, "- x", START)
    term.hand_in("s17", ONE, "x * 1006", START)  # the node that grades it is lost
    term.grade_where_a_node_is_lost(nodes, "--regrade", "--csv", "canvas", "--csv", "moodle")
    assert "It is whole" in term.teach("gradebook", "check")

    # By hand.
    one = {who: percent(WORTH[answers[who]][2], late.get(who, 0)) for who in STUDENTS}
    two = dict.fromkeys(STUDENTS, "100")
    one["s07"] = ""  # nothing
    one["s10"] = percent(50, 2)  # its second answer, two days late
    one["s17"] = "16"  # 30 of 90 for the first property, of 50, rounded down
    one["s19"] = one["s18"]  # their team's
    two["s11"] = "100"  # in time, with the time that they were given
    two["s12"] = ""  # excused
    two["s13"] = percent(100, 2)
    one["s03"] = "45"  # a person's mark
    one["s06"] = "27"  # 30 and 20 of 90, of 50, rounded down
    rows = term.rows()
    one["s16 Noether"], two["s16 Noether"] = one.pop("s16"), two.pop("s16")
    del one["s15"], two["s15"]
    # What they handed in was not kept then: it is what it was, of what there is to get now.
    one |= {who: {"100": "50", "0": "0"}[mark] for who, (mark, _) in LAST_TERM.items()}
    two |= {who: mark for who, (_, mark) in LAST_TERM.items()}
    assert {who: row[ONE] for who, row in rows.items()} == one
    assert {who: row[TWO] for who, row in rows.items()} == two
    for who, row in rows.items():
        total = sum(float(score or 0) for score in (one[who], two[who]))
        assert float(row["total"]) == pytest.approx(total), who
        assert row["of"] == ("50" if who == "s12" else "150")
    # The exports say the same, and so does the page.
    for name in ("canvas.csv", "moodle.csv"):
        with (term.output / name).open() as file:
            table = {(r.get("Student") or r.get("Full name") or "").strip(): r
                     for r in csv.DictReader(file)}  # fmt: skip
        for who in one:
            excused = name == "canvas.csv" and who == "s12"
            assert table[who]["1. Twice as much"] == one[who], (name, who)
            assert table[who]["2. The other way"] == ("EX" if excused else two[who]), (name, who)
    check_exports(term, one, two)
    page = (term.output / "reports" / "s03" / "index.html").read_text()
    assert "the formula was right" in page
    assert re.search(r"ann, 20\d\d-\d\d-\d\d", page)
    assert "Come and see me." in (term.output / "reports" / "s05" / "index.html").read_text()
    history = term.teach("history", "s00")
    assert "taken back" in history
    assert history.count("graded 1. Twice as much") >= 3


def check_exports(term: Term, one: dict[str, str], two: dict[str, str]) -> None:
    """The tables of Canvas, Moodle and Blackboard come back with the marks worked out by hand.

    The school knows 16 by the old name, and 15 is in its tables yet.
    """
    names = {who: "s16 Noether" if who == "s16" else who for who in STUDENTS if who != "s15"}
    # Of 150, also for 12, who is excused from 100 of them.
    total = {who: float(one[own] or 0) + float(two[own] or 0) for who, own in names.items()}
    total["s12"] *= 3
    everybody = [*enumerate(STUDENTS), (777, "Stranger")]

    head = ["Student", "ID", "SIS Login ID", "Section", "Twice as much (1)", "ex02_negate (2)",
            "Homework (3)", "Final Score"]  # fmt: skip
    points = ["    Points Possible", "", "", "", "50.00", "100.00", "150.00", "(read only)"]
    table = [head, points, *([who, str(n), "", "A", "", "", "", "9"] for n, who in everybody)]
    filled = term.fill("canvas", table, "1=1", "2=2", "Homework=total")
    assert filled[:2] == [head, points]
    for row in filled[2:]:
        who = row[0]
        if who in names:
            own = names[who]
            assert row[4:6] == [one[own], "EX" if who == "s12" else two[own]], who
            assert float(row[6]) == pytest.approx(total[who]), who
        else:
            assert row[4:7] == ["", "", ""], who

    head = ["Identifier", "Full name", "Status", "Grade", "Maximum grade", "Grade can be changed",
            "Last modified (submission)", "Last modified (grade)", "Feedback comments"]  # fmt: skip
    table = [head, *([f"Participant {900 + n}", who, "", "", "150.00", "Yes", "-", "-", ""]
                     for n, who in everybody)]  # fmt: skip
    filled = term.fill("moodle", table, "total")
    assert {row[1]: float(row[3]) for row in filled[1:] if row[3]} == pytest.approx(total)
    feedback = {row[1]: row[8] for row in filled[1:]}
    assert "the formula was right" in feedback["s03"]
    assert "misprint" in feedback["s06"]
    assert "Come and see me." in feedback["s05"]
    assert feedback["Stranger"] == feedback["s15"] == ""

    head = ["Last Name", "First Name", "Username", "Exercise 1 [Total Pts: 50 Score] |71",
            "Exercise 2 [Total Pts: 100 Score] |72"]  # fmt: skip
    table = [head, *(["", "", who, "", ""] for _, who in everybody)]
    filled = term.fill("blackboard", table)
    assert {row[2]: row[3:] for row in filled[1:]} == {
        who: [one[names[who]], two[names[who]]] if who in names else ["", ""]
        for _, who in everybody
    }

    pages = term.folder / "feedback.zip"
    term.teach("gradebook", "feedback", "-o", pages, "--moodle", term.folder / "moodle-given",
               "--course", term.course)  # fmt: skip
    with zipfile.ZipFile(pages) as archive:
        found = set(archive.namelist())
        page = archive.read("s03_903_assignsubmission_file_/feedback.html").decode()
    numbers = {who: 900 + n for n, who in enumerate(STUDENTS) if who in names}
    assert found == {
        f"{who}_{n}_assignsubmission_file_/feedback.html" for who, n in numbers.items()
    }
    assert "the formula was right" in page
