"""Marks that a school's system takes back: its own table, filled, and nothing else changed in it.

Every mark is held against one that was worked out by hand, in `MARKS`.
"""

import codecs
import csv
import io
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from test_a_teachers_week import teach
from test_class import COURSE

from grader.classroom.exported import filling, people, systems, tables
from grader.classroom.kept.gradebook import Attempt, Gradebook, HandIn, Student
from grader.course import model as course
from grader.errors import UsageError
from grader.grading.keys import Key
from grader.report import PropertyResult, PropertyStatus, Report, Status

SEED = 987654321
DEADLINE = datetime(2026, 10, 1, tzinfo=UTC)
POLICY = """
[policy]
deadline = 2026-10-01T00:00:00Z
late_penalty = 10

[policy.teams]
red = ["ada", "eve"]

[[policy.extensions]]
student = "tom"
until = 2026-10-08T00:00:00Z
"""
PEOPLE = {
    "ada": {"id": "501", "sis login id": "ada.l", "email": "ada@example.org"},
    "eve": {"id": "502", "sis login id": "eve.m", "email": "eve@example.org"},
    "chen": {"id": "503", "name": "陈伟", "sis login id": "chen.w", "email": "chen@example.org"},
    "tim": {"id": "504", "sis login id": "tim.b", "email": "tim@example.org"},
    "tom": {"id": "505", "sis login id": "tom.b", "email": "tom@example.org"},
    "zoe": {"id": "506", "sis login id": "zoe.z", "email": "zoe@example.org"},
    "abe": {"id": "507", "sis login id": "abe.a", "email": "abe@example.org"},
    "gus": {"id": "508", "sis login id": "gus.g", "email": "gus@example.org"},
}
# By hand, of 100 each: eve is in ada's team; ada's mark is a person's, and a team shares it; tim is
# one day late and loses 10 %, tom has an extension; zoe is excused from the second; abe handed in
# nothing; gus left.
MARKS = {
    "ada": ("85.5", ""),
    "eve": ("85.5", ""),
    "chen": ("100", "50"),
    "tim": ("90", "72"),
    "tom": ("100", "80"),
    "zoe": ("60", "EX"),
    "abe": ("", ""),
}
TOTALS = {"ada": "85.5", "eve": "85.5", "chen": "150", "tim": "162", "tom": "180", "zoe": "120",
          "abe": "0"}  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> SimpleNamespace:
    """A gradebook and the course it is by."""
    folder = tmp_path_factory.mktemp("exports")
    shutil.copytree(COURSE, folder / "course")
    file = folder / "course" / "exercises" / "course.toml"
    file.write_text(file.read_text().replace("[[parts]]", f"{POLICY}\n[[parts]]", 1))
    whole = course.load(folder / "course")
    one, two = whole.exercise("1"), whole.exercise("2")
    scores = {("ada", one): 40, ("chen", one): 100, ("chen", two): 50, ("tim", one): 100,
              ("tim", two): 80, ("tom", one): 100, ("tom", two): 80, ("zoe", one): 60,
              ("gus", one): 100}  # fmt: skip
    place = folder / "gradebook.sqlite3"
    with Gradebook.open(place) as book:
        run = book.begin(seed=SEED, engine="grade", why="", options={})
        book.enrol([Student(name, details) for name, details in PEOPLE.items()], [one, two])
        for number, ((who, exercise), score) in enumerate(scores.items()):
            late = who in ("tim", "tom")
            moment = DEADLINE + timedelta(hours=1 if late else -1)
            path = f"{who}x_LATE_{PEOPLE[who]['id']}_9{number:02d}_{exercise.slug}.py"
            found = HandIn(who, exercise.slug, f"{number:064d}", path, moment, dated_by="table")
            wrong = PropertyResult("test_many", "Twice <b>each</b>", PropertyStatus.FAILED, 0, 60,
                                   "not so")  # fmt: skip
            report = Report(exercise.number, exercise.slug, exercise.title, path, found.sha256,
                            Status.PARTIAL, score, 100, properties=(wrong,), seed=SEED)  # fmt: skip
            key = Key(found.sha256, "s" * 64, "x.py", "e" * 64, SEED, False, "cpu", "grade")
            book.record(run, book.note(run, [found])[0], key, report, "")
    options = ["--gradebook", place]
    teach("mark", "ada", 1, "--score", 85.5, "--why", "she explained it", "--by", "ann", *options)
    teach("mark", "zoe", 2, "--excuse", "--why", "ill", *options)
    teach("student", "drop", "gus", *options)
    return SimpleNamespace(place=place, course=folder / "course")


@pytest.fixture
def fill(kept, tmp_path):
    """`fill(content, *options)`: the bytes that come back, and what was said."""

    def run(content: bytes, *options: object) -> tuple[bytes, str]:
        table, output = tmp_path / "table.csv", tmp_path / "filled.csv"
        table.write_bytes(content)
        said = teach("gradebook", "fill", table, "-o", output, "--gradebook", kept.place,
                     "--course", kept.course, *options)  # fmt: skip
        assert table.read_bytes() == content
        assert output.stat().st_mode & 0o777 == 0o600
        return output.read_bytes(), said

    return run


def rows(content: bytes, encoding: str = "utf-8-sig", separator: str = ",") -> list[list[str]]:
    text = content.decode(encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


# --- Canvas --------------------------------------------------------------------------------------

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Notes,1. Twice as much (11),Exercise 2 (12),"
    '"Homework, both (13)",Assignments Current Score,Final Score\r\n'
    ",,,,,,,Manual Posting,,,\r\n"
    '"    Points Possible",,,,,,100.00,100.00,200.00,(read only),(read only)\r\n'
    '"Lovelace, Ada",501,U1,ada.l,"A, B","says ""hi"",\r\nand more",,70.00,,12.5,12.5\r\n'
    "eve,502,U2,eve.m,A,,85.50,,,,\r\n"
    "陈伟,503,U3,chen.w,A,,33,,,,\r\n"
    "tim,504,U4,tim.b,A,,,N/A,,,\r\n"
    "tom,505,U5,tom.b,A,,,,,,\r\n"
    "zoe,506,U6,zoe.z,A,,,,,,\r\n"
    '"Stranger, A",999,U9,str.a,A,,1,2,3,,\r\n'
    "gus,508,U8,gus.g,A,,,,,,\r\n"
    '"Student, Test",9000,,abcdef,A,,,,,,'
)


def test_canvas_gets_its_own_gradebook_back(fill):
    """Each exercise in the column that is called so; excused is `EX`; the rest is as it was."""
    content, said = fill(codecs.BOM_UTF8 + CANVAS.encode())
    assert content.startswith(codecs.BOM_UTF8)
    before, after = CANVAS.splitlines(keepends=True), content.decode("utf-8-sig").splitlines(True)
    assert after[:3] == before[:3]
    assert after[-3:] == before[-3:]
    table = {row[1]: row for row in rows(content)}
    for name, (one, two) in MARKS.items():
        if name in ("abe", "eve"):
            continue
        row = table[PEOPLE[name]["id"]]
        wanted = {"ada": "70.00", "tim": "N/A"}.get(name, two)
        assert (row[6], row[7]) == (one, wanted), name
    assert table["502"][6] == "85.50"  # it is the same mark
    assert table["501"][5] == 'says "hi",\r\nand more'
    old = rows(CANVAS.encode())
    kept_columns = (0, 1, 2, 3, 4, 5, 8, 9, 10)
    for row, was in zip(rows(content), old, strict=True):
        assert [row[i] for i in kept_columns] == [was[i] for i in kept_columns]
    for words in (
        "1. Twice as much (11): exercise 1 (Twice as much)",
        "Exercise 2 (12): exercise 2",
        "line 4: ada, exercise 2 (The other way): nothing was handed in; 70.00 stays",
        "line 7: chen, exercise 1 (Twice as much): 33 was there, 100 is written",
        "line 8: tim, exercise 2 (The other way): 72 is not written, for Canvas has not assigned",
        "line 11: Stranger, A (999) is nobody in the gradebook; left as it is",
        "line 12: gus is out of the class; left as it is",
        "no line: abe",
    ):
        assert words in said
    assert "eve, exercise 1" not in said
    assert "Student, Test" not in said


def test_what_was_filled_is_not_filled_twice(fill):
    """What comes back, given again, comes back the same, and nothing is said to change."""
    content, _ = fill(CANVAS.encode())
    again, said = fill(content)
    assert again == content
    assert "0 of them new or changed" in said
    assert "was there" not in said


def test_the_total_goes_where_it_is_told(fill):
    """By the column's number, out of what it has: who is excused loses nothing by it."""
    content, said = fill(CANVAS.encode(), "--column", "13=total")
    table = {row[1]: row for row in rows(content)}
    for name, total in TOTALS.items():
        if name != "abe":
            assert table[PEOPLE[name]["id"]][8] == total, name
            assert table[PEOPLE[name]["id"]][6:8] != list(MARKS["chen"])
    assert "Homework, both (13) is out of 200, the total out of 100 or 200" in said
    assert "no column is for" not in said


def test_marks_that_are_there_can_be_kept(fill):
    """With --keep, and it is said what they would be."""
    content, said = fill(CANVAS.encode(), "--keep", "-c", "11=1")
    table = {row[1]: row for row in rows(content)}
    assert (table["503"][6], table["505"][6], table["506"][7]) == ("33", "100", "")
    assert "33 stays, it would be 100" in said
    assert "no column is for exercise 2 (The other way)" in said


def test_a_canvas_of_semicolons_commas_and_two_names(fill):
    """As Canvas writes it for schools that have decimal commas."""
    text = (
        "LastName;FirstName;ID;SIS Login ID;Section;Homework (5)\n"
        '"    Points Possible";;;;;10,00\n'
        "Lovelace;Ada;501;ada.l;A;\n伟;陈;503;chen.w;A;4,5\n"
    )
    content, said = fill(text.encode(), "-c", "Homework=1")
    assert [row[5] for row in rows(content, separator=";")] == ["Homework (5)", "10,00", "8,55",
                                                                "10"]  # fmt: skip
    assert "line 4: chen, exercise 1 (Twice as much): 4,5 was there, 10 is written" in said
    assert "marks are the same share of 10" in said


# --- Moodle --------------------------------------------------------------------------------------

MOODLE_HEAD = [
    "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade",
    "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
    "Feedback comments",
]  # fmt: skip
SUBMITTED = "Submitted for grading"


def moodle(most: str = "200.00", **cells: str) -> list[list[str]]:
    """A worksheet; `cells` are grades that are there already."""
    table = [MOODLE_HEAD]
    for number, (name, details) in enumerate(PEOPLE.items(), 71):
        row = [f"Participant {number}", details.get("name", name), details["email"], SUBMITTED,
               cells.get(name, ""), most, "Yes", "-", "-", ""]  # fmt: skip
        table.append(row)
    return table


def written(table: list[list[str]], separator: str = ",", end: str = "\n") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator=end).writerows(table)
    return file.getvalue().encode()


def test_moodle_gets_its_worksheet_back(fill):
    """With a grade and a feedback each; the dates that its import goes by stay."""
    content, said = fill(codecs.BOM_UTF8 + written(moodle(tim="10.00")), "--column", "total")
    table = {row[2].partition("@")[0]: row for row in rows(content)[1:]}
    for name, total in TOTALS.items():
        assert table[name][4] == total, name
        assert table[name][5:9] == ["200.00", "Yes", "-", "-"]
    assert table["gus"][4] == ""
    assert "gus is out of the class" in said
    assert "tim, the total: 10.00 was there, 162 is written" in said
    assert "abe, the total: nothing at all was handed in; 0 is written" in said
    feedback = table["ada"][9]
    assert "<b>1. Twice as much</b>: 85.5 / 100" in feedback
    assert "she explained it" in feedback
    assert "ann" in feedback
    assert "not right yet: Twice &lt;b&gt;each&lt;/b&gt;" in feedback
    assert "excused" in table["zoe"][9]
    assert "10 %" in table["tim"][9]
    assert str(SEED) not in content.decode()


def test_what_a_person_said_in_moodle_stays(fill):
    """Beside what grade says, which is replaced by what it says now."""
    table = moodle()
    table[1][9] = '<p>See me, "soon".</p>\n<p>Tuesday</p>'
    first, _ = fill(written(table), "-c", "1")
    old = rows(first)
    assert old[1][9].startswith(table[1][9] + "\n<div")
    old[1][9] = old[1][9].replace("85.5", "1")
    again, said = fill(written(old), "-c", "Grade=1")
    assert rows(again) == rows(first)
    assert "0 of them new or changed" in said
    bare, _ = fill(written(table), "-c", "1", "--no-feedback")
    assert rows(bare)[1][9] == table[1][9]


def test_moodle_in_german_with_decimal_commas(fill):
    """A worksheet is known by its participants; numbers are written as those that are there."""
    table = moodle("10,00", tom="3,00")
    table[0] = ["ID", "Vollständiger Name", "E-Mail-Adresse", "Status", "Bewertung", "Bestwertung",
                "Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)",
                "Zuletzt geändert (Bewertung)", "Feedback als Kommentar"]  # fmt: skip
    for row in table[1:]:
        row[0] = row[0].replace("Participant ", "Teilnehmer/in")
        row[6] = "Nein" if row[1] == "tim" else "Ja"
    content, said = fill(written(table, ";", "\r\n"), "-c", "1")
    found = {row[2].partition("@")[0]: row for row in rows(content, separator=";")[1:]}
    assert [found[name][4] for name in ("ada", "chen", "tim", "tom")] == ["8,55", "10", "", "10"]
    assert "85.5 / 100" in found["ada"][9]
    assert "tim, exercise 1 (Twice as much): 9 is not written, for Moodle has locked it" in said
    assert "tom, exercise 1 (Twice as much): 3,00 was there, 10 is written" in said
    assert content.count(b"\r\n") == content.count(b"\n")


def test_moodle_takes_no_more_than_there_is(kept, fill):
    """It passes over a grade above its maximum: that is written, and said."""
    options = ["--gradebook", kept.place]
    teach("mark", "tom", 2, "--score", 120, "--bonus", *options)
    try:
        content, said = fill(written(moodle("100.00")), "-c", "2")
    finally:
        teach("mark", "tom", 2, "--undo", *options)
    assert {row[1]: row[4] for row in rows(content)}["tom"] == "100"
    assert "tom, exercise 2 (The other way): 120 is more than Moodle takes; 100 is written" in said
    assert "zoe, exercise 2 (The other way): excused, which Moodle's table cannot say" in said


# --- Blackboard ----------------------------------------------------------------------------------

BLACKBOARD = [
    ["Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability",
     "Exercise 1 [Total Pts: 100 Score] |7001", "HW [Total Pts: 200 Score] |7002",
     "Total [Total Pts: up to 300 Score] |7003"],
    ["Lovelace", "Ada", "ada.l", "501", "", "Yes", "", "", ""],
    ["伟", "陈", "chen.w", "503", "", "Yes", "Needs Grading", "", "12"],
    ["B", "Tim", "tim.b", "504", "", "Yes", "88(Ready to Post)", "", ""],
]  # fmt: skip


def blackboard(separator: str) -> str:
    file = io.StringIO()
    csv.writer(
        file, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n"
    ).writerows(BLACKBOARD)  # fmt: skip
    return file.getvalue()


@pytest.mark.parametrize(
    ("separator", "mark", "encoding"),
    [("\t", codecs.BOM_UTF16_LE, "utf-16-le"), ("\t", codecs.BOM_UTF16_BE, "utf-16-be"),
     ("\t", b"", "utf-16-le"), (",", codecs.BOM_UTF8, "utf-8"), (",", b"", "utf-8")],
)  # fmt: skip
def test_blackboard_gets_its_columns_back(fill, separator, mark, encoding):
    """Tabs in UTF-16 or commas, every cell in quotes, as it was downloaded."""
    content, said = fill(mark + blackboard(separator).encode(encoding),
                         "-c", "7001=1", "-c", "HW=total")  # fmt: skip
    assert content.startswith(mark)
    text = content.removeprefix(mark).decode(encoding)
    table = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert [row[6:8] for row in table[1:]] == [["85.5", "85.5"], ["100", "150"], ["90", "162"]]
    for row, was in zip(table, BLACKBOARD, strict=True):
        assert row[:6] + row[8:] == was[:6] + was[8:]
    assert text.count('"') == 2 * sum(map(len, BLACKBOARD))
    assert "88(Ready to Post) was there, 90 is written" in said
    assert "Needs Grading" not in said
    for name in ("eve", "tom", "zoe", "abe"):
        assert f"no line: {name}" in said


def test_blackboard_is_told_by_names_and_takes_feedback(fill):
    """Of one column, with what is said to the learner."""
    table = [[*BLACKBOARD[0][:4], BLACKBOARD[0][6], "Grading Notes", "Notes Format",
              "Feedback to Learner", "Feedback Format"],
             ["Lovelace", "Ada", "ada.l", "501", "", "mine", "SMART_TEXT", "", ""]]  # fmt: skip
    content, _ = fill(written(table))
    row = rows(content)[1]
    assert (row[4], row[5:7], row[8]) == ("85.5", ["mine", "SMART_TEXT"], "HTML")
    assert "she explained it" in row[7]


# --- what is refused, and whose a line is --------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (b"PK\x03\x04 workbook", [], "workbook"),
        (b"", [], "empty"),
        ("Student;Note\nJosé;5".encode("latin-1"), [], "neither UTF-8 nor UTF-16"),
        (b"name,mark\nada,5\n", [], "no table that Canvas, Moodle or Blackboard"),
        (CANVAS.encode(), ["-c", "1"], "does not say which column"),
        (CANVAS.encode(), ["-c", "99=1"], "no column '99'"),
        (CANVAS.encode(), ["-c", "11=7"], "no exercise '7'"),
        (CANVAS.encode(), ["-c", "11=1", "-c", "11=2"], "named twice"),
        (blackboard(",").encode(), ["-c", "7003=total"], "works it out itself"),
        (written(moodle("Pass")), ["-c", "1"], "graded by a scale"),
        (written(moodle()), [], "called as an exercise"),
        (CANVAS.replace("Homework, both", "ex02 negate").encode(), [], "Two columns"),
    ],
)  # fmt: skip
def test_what_cannot_be_filled_is_said(fill, tmp_path, content, options, says):
    """And nothing is written."""
    with pytest.raises(UsageError) as caught:
        fill(content, *options)
    assert says in f"{caught.value.problem} {caught.value.advice}"
    assert not (tmp_path / "filled.csv").exists()


def test_a_table_is_not_written_over_itself(kept, tmp_path):
    """What the school's system wrote stays, whatever grade makes of it."""
    table = tmp_path / "table.csv"
    table.write_bytes(CANVAS.encode())
    with pytest.raises(UsageError, match="over itself"):
        teach("gradebook", "fill", table, "-o", table, "--gradebook", kept.place, "--course",
              kept.course)  # fmt: skip
    assert table.read_bytes() == CANVAS.encode()


@pytest.fixture
def whose(tmp_path):
    """`whose(text, students, attempts)`: whom each line of a table is taken to be, and notes."""

    def told(
        text: str, students: list[Student], attempts: tuple[Attempt, ...] = ()
    ) -> tuple[list[str | None], str]:
        path = tmp_path / "table.csv"
        path.write_text(text)
        system = systems.recognised(tables.read(path))
        found = people.matched(system, students, attempts)
        own = [found.students.get(index) for index in range(len(system.lines))]
        return [student and student.name for student in own], "\n".join(found.notes.values())

    return told


CANVAS_HEAD = "Student,ID,SIS User ID,SIS Login ID,Section,HW (1)\n    Points Possible,,,,,10\n"


@pytest.mark.parametrize(
    ("line", "students", "name", "says"),
    [
        ('"Lovelace, Ada",9,,,A,', [Student("Ada Lovelace")], "Ada Lovelace", ""),
        ('"Lovelace, Ada",9,,,A,', [Student("lovelaceada", {"id": "9"})], "lovelaceada", ""),
        ("José,9,,,A,", [Student("Jose\u0301")], "Jose\u0301", ""),
        ("x,9,007,,A,", [Student("a", {"id number": "7"})], "a", ""),
        ("x,9,,ADA@x.org,A,", [Student("a", {"email": "ada@x.org"})], "a", ""),
        ("x,9,,ada,A,", [Student("ada")], "ada", ""),
        ("x,9,,old,A,", [Student("ada", aliases=(("old", ""),))], "ada", ""),
        # Of two that share a name, and of numbers that say two, nobody.
        ("Ada,9,,,A,", [Student("a", {"name": "Ada"}), Student("b", {"name": "Ada"})], None,
         "share the name"),
        ("x,9,1,2,A,", [Student("a", {"sis user id": "1"}), Student("b", {"sis login id": "2"})],
         None, "different students"),
        # A list of the class counts on its own: the same number here is somebody else's.
        ("Bob,9,,,A,", [Student("Ada", {"id": "9"}), Student("Bob", {"id": "3"})], None,
         "its number and its name are of different students"),
        ("Bob,9,U3,,A,", [Student("Ada", {"id": "9"}), Student("Bob", {"id": "U3"})], "Bob", ""),
        ("Eve,9,,,A,", [Student("Ada")], None, "nobody in the gradebook"),
        # The same letters are another name.
        ("s15,9,,,A,", [Student("s51")], None, "nobody in the gradebook"),
        ("Amy,9,,,A,", [Student("May")], None, "nobody in the gradebook"),
        ('"King, Ada Mary",9,,,A,', [Student("Ada Mary King")], "Ada Mary King", ""),
        ('"King, Ada Mary",9,,,A,', [Student("adamaryking")], "adamaryking", ""),
        ('"Müller, Zoë",9,,,A,', [Student("Zoe Muller")], "Zoe Muller", ""),
        ("陈 伟,9,,,A,", [Student("陈伟")], "陈伟", ""),
        ('"陈, 伟",9,,,A,', [Student("伟陈")], "伟陈", ""),
    ],
)  # fmt: skip
def test_a_line_is_whose_number_it_has_or_whose_name_alone(whose, line, students, name, says):
    """What speaks for two is nobody's."""
    found, said = whose(CANVAS_HEAD + line, students)
    assert found == [name]
    assert says in said


def test_two_lines_of_one_student_are_neither_s(whose):
    """It cannot be told which one counts, and both are named."""
    found, said = whose(CANVAS_HEAD + "Ada,9,,,A,\nada,8,,,A,\n", [Student("Ada")])
    assert found == [None, None]
    assert said.count("lines 3 and 4 are all Ada's") == 2


def test_a_worksheet_without_names_is_told_by_what_was_handed_in(whose):
    """Moodle numbers anew in each assignment: a number of the school's is another thing."""
    head = "Identifier,Full name,Grade,Maximum grade,Last modified (grade)\n"
    lines = f"{head}Participant 17,Participant 17,,10,-\nParticipant 18,,,10,-\n"
    path = "Participant_17_assignsubmission_file_/ex01.py"
    attempt = Attempt(1, "b", "double", "a" * 64, path, DEADLINE, 0, 1)
    students = [Student("a", {"id": "17"}), Student("b", {"id": "3"}), Student("c", {"id": "18"})]
    assert whose(lines, students, (attempt,))[0] == ["b", None]
    named = f"{head}Participant 17,a,,10,-\n"
    assert whose(named, students, (attempt,))[0] == ["a"]
    login = [Student("s17")]
    assert whose(f"{head}Participant 17,s17,,10,-\n", login)[0] == ["s17"]
    twins = [Student("a (1)", {"name": "a"}), Student("b", {"name": "a"})]
    assert whose(named, twins, (attempt,))[0] == ["b"]


def test_a_share_is_exact_where_nothing_is_to_be_shared():
    """A score out of what the column has is written as it is."""
    assert filling.Mark(filling.State.SCORE, 33.3, 90.0).of(90.0) == 33.3
    assert filling.Mark(filling.State.SCORE, 45, 90).of(10) == 5
    assert filling.Mark(filling.State.SCORE, 45, 90).of(None) == 45


# --- pages ---------------------------------------------------------------------------------------


def pages(kept, tmp_path, *options: object) -> tuple[dict[str, str], str]:
    """What is in the zip, by the names, and what was said."""
    output = tmp_path / "feedback.zip"
    said = teach("gradebook", "feedback", "-o", output, "--gradebook", kept.place, "--course",
                 kept.course, *options)  # fmt: skip
    assert output.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(output) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}, said


def by_moodles_rule(path: str) -> tuple[str, str, str]:
    """The participant, the plugin and the file that Moodle finds in a path."""
    folder, _, name = path.partition("/")
    info = folder.split("_", 4)
    return info[1], f"{info[2]}_{info[3]}", name


def by_canvas_rule(path: str) -> list[str]:
    """The numbers of student and hand-in that Canvas finds in a name."""
    parts = path.split("_")
    assert not parts[-1].startswith("link")
    return [part for part in parts if part.isdecimal()][:2]


def test_pages_lie_where_moodle_looks_for_them(kept, tmp_path):
    """A folder for each participant; pages alone, and no seed."""
    table = moodle()
    table[1][1] = "Ada_King / Lovelace"
    sheet = tmp_path / "worksheet.csv"
    sheet.write_bytes(written([*table, ["Participant 99", "Nobody", "n@x", "", "", "1", "Yes", "-",
                                        "-", ""]]))  # fmt: skip
    found, said = pages(kept, tmp_path, "--moodle", sheet)
    numbers = {by_moodles_rule(path)[0]: text for path, text in found.items()}
    assert sorted(numbers) == [str(number) for number in range(71, 78)]
    assert {by_moodles_rule(path)[1:] for path in found} == {
        ("assignsubmission_file", "feedback.html")
    }
    assert "she explained it" in numbers["71"]
    assert "she explained it" in numbers["72"]
    assert all(text.lower().startswith("<!doctype html>") for text in found.values())
    assert not [path for path, text in found.items() if str(SEED) in text]
    assert "line 10: Nobody" in said
    assert "7 pages of 7 students" in said


def test_pages_are_called_as_canvas_called_the_files(kept, tmp_path):
    """By the numbers of the newest hand-in; whoever has none is named."""
    found, said = pages(kept, tmp_path, "--canvas")
    numbers = {by_canvas_rule(path)[0]: by_canvas_rule(path)[1] for path in found}
    assert numbers == {"501": "900", "503": "902", "504": "904", "505": "906", "506": "907"}
    assert not [path for path, text in found.items() if str(SEED) in text or "/" in path]
    for name in ("eve", "abe"):
        assert f"{name}: no hand-in of theirs has a name of Canvas's" in said


@pytest.mark.parametrize(
    ("options", "says"), [([], "which system"), (["--canvas", "--moodle", "x.csv"], "which system")]
)
def test_pages_are_for_one_system(kept, tmp_path, options, says):
    """It cannot be guessed."""
    with pytest.raises(UsageError, match=says):
        pages(kept, tmp_path, *options)


def test_tables_that_were_asked_for_once_stay_true(kept, tmp_path):
    """What a person decides later is in them after the next publishing, too."""
    place, out = tmp_path / "gradebook.sqlite3", tmp_path / "out"
    shutil.copy(kept.place, place)
    options = ["--gradebook", place, "--course", kept.course]
    teach("gradebook", "publish", "-o", out, *options, "--csv", "canvas")
    before = {row[0]: row[5:] for row in rows((out / "canvas.csv").read_bytes())}
    assert before["zoe"] == ["60", "EX"]
    assert not (out / "moodle.csv").exists()
    teach("mark", "zoe", 1, "--score", 61, "--gradebook", place)
    teach("gradebook", "publish", "-o", out, *options)
    after = {row[0]: row[5:] for row in rows((out / "canvas.csv").read_bytes())}
    assert after["zoe"] == ["61", "EX"]
