"""Whose a hand-in is: nobody takes a neighbour's grade, and nothing of either is lost."""

import json
import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
import synthetic

from grader.classroom import run
from grader.classroom.kept.gradebook import Gradebook, Student
from grader.classroom.received import identity, members, roster
from grader.classroom.run import ClassRun, Options
from grader.classroom.shown import pages, sheets
from grader.classroom.shown.grades import gradesheet
from grader.course import model as course
from grader.errors import UsageError

COURSE = course.load(course.bundled())
EXERCISES = COURSE.exercises
THREE = b"def attention_scores(q, k):\n    return q\n\ndef attention(q, k, v):\n    return v\n"
SIX = b"def count_conv_params(i, o, k):\n    return 7\n"
NFC, NFD = "Jos\u00e9", "Jose\u0301"


def fill(folder: Path, files: dict) -> Path:
    """Write files by their names, which may be bytes."""
    for name, data in files.items():
        path = os.path.join(os.fsencode(folder), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(os.fsdecode(path)).write_bytes(data)
    return folder


@pytest.fixture
def found(tmp_path):
    """Who and what is found of these files."""

    def look(files: dict, pattern: str | None = None) -> roster.Roster:
        return roster.discover(fill(tmp_path / "class", files), EXERCISES, pattern=pattern)

    return look


def contents(found: roster.Roster) -> dict[str, set[str]]:
    """By student, what was handed in."""
    of: dict[str, set[str]] = {student.name: set() for student in found.students}
    for answer in found.answers:
        assert answer.file.submission is not None
        of[answer.student].add(answer.file.submission.source)
    return of


def other(number: int, source: bytes = THREE) -> bytes:
    return source + f"# {number}\n".encode()


SHARED = {
    "moodle's folders": (
        "moodle",
        "Ada Lovelace_1_assignsubmission_file_/ex03.py",
        "Ada Lovelace_2_assignsubmission_file_/ex03.py",
    ),
    "moodle, flat": (
        "moodle",
        "Ada Lovelace_1_assignsubmission_file_ex03.py",
        "Ada Lovelace_2_assignsubmission_file_ex03.py",
    ),
    "canvas": ("canvas", "smithjohn_1_10_ex03.py", "smithjohn_2_11_ex03.py"),
    "canvas, one late": ("canvas", "smithjohn_1_10_ex03.py", "smithjohn_LATE_2_11_ex03.py"),
    "composed or not": (
        "moodle",
        f"{NFC}_1_assignsubmission_file_/ex03.py",
        f"{NFD}_2_assignsubmission_file_/ex03.py",
    ),
    "capitals": ("canvas", "SmithJohn_1_10_ex03.py", "smithjohn_2_11_ex03.py"),
    "a space more": (
        "moodle",
        "Ada Lovelace_1_assignsubmission_file_/ex03.py",
        "Ada  Lovelace _2_assignsubmission_file_/ex03.py",
    ),
    "of one's own": (
        r"^(?P<id>\d+)-(?P<student>[^/]+)/(?P<file>.+)$",
        "1-Ada/ex03.py",
        "2-Ada/ex03.py",
    ),
}


@pytest.mark.parametrize("kind", SHARED)
def test_ids_keep_two_of_one_name_apart(found, kind):
    """Both hand-ins are there, each with its own student, who is named with the id."""
    pattern, one, two = SHARED[kind]
    seen = found({one: other(1), two: other(2)}, pattern)
    by_id = {student.details["id"]: student.name for student in seen.students}
    assert set(by_id) == {"1", "2"}
    assert contents(seen) == {by_id["1"]: {other(1).decode()}, by_id["2"]: {other(2).decode()}}
    assert all(f"({number})" in name for number, name in by_id.items())
    assert any("1, 2" in note for note in seen.notes)


CLASHES = {
    "composed or not": (None, f"{NFC}/ex03.py", f"{NFD}/ex03.py"),
    "capitals": (None, "Ada/ex03.py", "ada/ex03.py"),
    "a folder and a file": (None, "Ada/ex03.py", "ada_ex03.py"),
    "archives": (None, "Ada.zip", "ada.zip"),
    "a space behind": (None, "ada/ex03.py", "ada /ex03.py"),
    "a dot behind": (None, "ada/ex03.py", "ada./ex03.py"),
    "two spaces": (None, "ada l/ex03.py", "ada  l/ex03.py"),
    "no-break space": (None, "ada l/ex03.py", "ada\xa0l/ex03.py"),
    "zero width": (None, "ada/ex03.py", "a\u200bda/ex03.py"),
    "right to left": (None, "ada/ex03.py", "\u202eada/ex03.py"),
    "a word joiner": (None, "ada/ex03.py", "ada\u2060/ex03.py"),
    "a soft hyphen": (None, "ada/ex03.py", "a\u00adda/ex03.py"),
    "two invisible ones": (None, "a\u200bda/ex03.py", "a\u200cda/ex03.py"),
    "a filler": (None, "ada/ex03.py", "ada\u3164/ex03.py"),
    "full width": (None, "ada/ex03.py", "\uff41da/ex03.py"),
    "bytes that are no text": (None, b"ada\xff/ex03.py", b"ada\xfe/ex03.py"),
    "control characters": (None, "ada\x01/ex03.py", "ada\x02/ex03.py"),
    "by exercise": ("by-exercise", f"ex03/{NFC}.py", f"ex03/{NFD}/answer.py"),
    "an accent that a pattern does not match": (
        r"^(?P<student>\w+)-v(?P<attempt>\d)-(?P<file>.+)$",
        f"{NFC}-v1-ex03.py",
        f"{NFD}-v1-ex03.py",
    ),
    "one without an id": (
        r"^(?P<student>[a-z]+)(?:-(?P<id>\d+))?/(?P<file>.+)$",
        "ada-1/ex03.py",
        "ada/ex03.py",
    ),
}


@pytest.mark.parametrize("kind", CLASHES)
def test_two_of_one_name_without_ids_are_refused(found, kind):
    """Nobody can tell them apart: the message names both, visibly different."""
    pattern, one, two = CLASHES[kind]
    data = [other(1), other(2)]
    if kind == "archives":
        data = [synthetic.zipped({"ex03.py": each}) for each in data]
    with pytest.raises(UsageError, match="share a name") as caught:
        found(dict(zip((one, two), data, strict=True)), pattern)
    line = caught.value.problem.splitlines()[1]
    first, second = line.split("; ")
    assert first != second
    assert line.isprintable()


def test_one_name_in_one_spelling_is_one_student(found):
    """Whoever hands in a folder and a file, or files one by one, is the same."""
    seen = found({"ada/ex03.py": other(1), "ada_ex06.py": SIX, "ada.zip": synthetic.zipped({})})
    assert {student.name for student in seen.students} == {"ada"}


def test_an_accent_in_two_pieces_alone_is_no_clash(found):
    """A folder from a Mac has its composed name, as ever."""
    assert [student.name for student in found({f"{NFD}/ex03.py": THREE}).students] == [NFC]


def test_a_sign_before_a_name_belongs_to_it(found):
    """`_ada` is another login than `ada`."""
    seen = found({"_ada_ex03.py": other(1), "ada_ex03.py": other(2)})
    assert contents(seen) == {"_ada": {other(1).decode()}, "ada": {other(2).decode()}}


def test_other_alphabets_stay_apart_and_are_pointed_out(found):
    """A Cyrillic letter that looks like a Latin one makes another name; a note shows which."""
    seen = found({"ada/ex03.py": other(1), "\u0430da/ex03.py": other(2)})
    assert contents(seen) == {"ada": {other(1).decode()}, "\u0430da": {other(2).decode()}}
    assert any("'\\u0430da'" in note and "look alike" in note for note in seen.notes)
    assert "\\u0430" in identity.shown(seen.students)["\u0430da"]


OWN = {
    "a canvas name in a folder": (None, "alice/bob_2_20_ex03.py"),
    "a moodle name in a folder": (None, "alice/bob_2_assignsubmission_file_/ex03.py"),
    "a canvas name in canvas' tail": ("canvas", "alice_1_10_bob_2_20_ex03.py"),
    "a canvas name in a folder of canvas": ("canvas", "alice_1_10_hw/bob_2_20_ex03.py"),
    "a moodle folder in a folder of moodle": (
        "moodle",
        "alice_1_assignsubmission_file_/bob_2_assignsubmission_file_/ex03.py",
    ),
    "a moodle name in a folder of moodle": (
        "moodle",
        "alice_1_assignsubmission_file_/bob_2_assignsubmission_file_ex03.py",
    ),
    "another's folder in one's own": (None, "alice/bob/ex03.py"),
    "dates of one's own": (None, "alice/submissions.csv/ex03.py"),
    "by exercise": ("by-exercise", "ex03/alice/bob/ex03/bob.py"),
}


@pytest.mark.parametrize("kind", OWN)
def test_what_a_student_calls_a_file_does_not_say_whose_it_is(found, kind):
    """It stays with the one in whose hand-in it lies."""
    pattern, path = OWN[kind]
    seen = found({path: THREE}, pattern)
    assert contents(seen) == {"alice": {THREE.decode()}}


MEMBERS = ["../bob/ex03.py", "/bob/ex03.py", "..\\bob\\ex03.py", "bob_2_20_ex03.py", "bob/ex03.py"]


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize(
    ("pattern", "archive"),
    [
        (None, "alice.zip"),
        (None, "alice/bob.zip"),
        ("canvas", "alice_1_10_bob_2_20_hw.zip"),
        ("moodle", "alice_1_assignsubmission_file_/bob_2_assignsubmission_file_.zip"),
        ("by-exercise", "ex03/alice.tar.gz"),
    ],
)
def test_what_an_archive_holds_is_its_owners(found, pattern, archive, member):
    """Whatever its members are called."""
    pack = synthetic.tarred if archive.endswith(".gz") else synthetic.zipped
    bob = {
        None: "bob/ex03.py",
        "canvas": "bob_2_20_ex03.py",
        "moodle": "bob_2_assignsubmission_file_/ex03.py",
        "by-exercise": "ex03/bob/ex03.py",
    }[pattern]
    seen = found({archive: pack({member: other(1)}), bob: other(2)}, pattern)
    by_name = {
        answer.student: answer.file for answer in seen.answers if answer.exercise.number == 3
    }
    assert by_name["bob"].submission.source == other(2).decode()
    assert {student.name for student in seen.students} == {"alice", "bob"}


def test_a_notebooks_metadata_does_not_say_whose_it_is(found):
    """Nor its text."""
    made = json.loads(synthetic.notebook("# student: bob\nSTUDENT = 'bob'\n" + THREE.decode()))
    made["metadata"] |= {"student": "bob", "id": "2", "authors": [{"name": "bob"}]}
    seen = found({"alice.ipynb": json.dumps(made).encode()})
    assert [student.name for student in seen.students] == ["alice"]
    assert {answer.student for answer in seen.answers} == {"alice"}


def test_a_name_that_looks_like_an_export_takes_nobodys_place(found):
    """The number that Moodle wrote is the last in a folder's name."""
    seen = found(
        {
            "Bob_2_assignsubmission_file__1_assignsubmission_file_/ex03.py": other(1),
            "Bob_2_assignsubmission_file_/ex03.py": other(2),
        },
        "moodle",
    )
    by_id = {student.details["id"]: student.name for student in seen.students}
    assert contents(seen)[by_id["2"]] == {other(2).decode()}
    assert contents(seen)[by_id["1"]] == {other(1).decode()}


def test_a_flat_name_that_can_be_read_in_two_ways_is_nobodys(found):
    """And is named among the notes."""
    name = "Bob_2_assignsubmission_file__1_assignsubmission_file_ex03.py"
    seen = found({name: other(1), "Bob_2_assignsubmission_file_ex03.py": other(2)}, "moodle")
    assert contents(seen) == {"Bob": {other(2).decode()}}
    assert any(name in note for note in seen.notes)


def test_an_id_in_a_name_takes_nobodys_place(found):
    """Whoever is called what another is called with the id has a name of their own all the same."""
    seen = found(
        {
            "Ada_1_assignsubmission_file_/ex03.py": other(1),
            "Ada_2_assignsubmission_file_/ex03.py": other(2),
            "Ada (2)_3_assignsubmission_file_/ex03.py": other(3),
        },
        "moodle",
    )
    by_id = {student.details["id"]: student.name for student in seen.students}
    assert len(set(by_id.values())) == 3
    for number, name in by_id.items():
        assert contents(seen)[name] == {other(int(number)).decode()}


def test_one_id_is_one_student_under_any_name(found):
    """Who is renamed between two exports keeps one row, and a note says both names."""
    seen = found({"adak_1_10_ex03.py": THREE, "adal_1_11_ex06.py": SIX}, "canvas")
    assert len(seen.students) == 1
    assert len(seen.answers) == 2
    assert any("adak, adal" in note for note in seen.notes)


# --- the list of a class -------------------------------------------------------------------------


def test_a_list_takes_nobody_with_another_id():
    """A row of the same name, of another id, is another student."""
    joined = members.joined(
        [Student("Ada", {"id": "1"})], [{"name": "Ada", "id": "2"}, {"name": "Ada", "id": "1"}]
    )
    assert {student.name: student.details["id"] for student in joined} == {
        "Ada": "1",
        "Ada (2)": "2",
    }


ADA_1, ADA_2 = {"name": "Ada", "id": "1"}, {"name": "Ada", "id": "2"}
REFUSED = {
    "two rows of one name": ([Student("Ada")], [ADA_1, ADA_2]),
    "two rows of one id": ([], [{"name": "Ada", "id": "1"}, {"name": "Alan", "id": "1"}]),
    "one row, two students": (
        [Student("Ada (1)", ADA_1), Student("Ada (2)", ADA_2)],
        [{"name": "Ada"}],
    ),
    "another's login": (
        [Student("ada")],
        [{"name": "Ada L", "sis login id": "ada"}, {"name": "Alan", "email": "ada"}],
    ),
    "a name in other letters": ([Student("Ada")], [{"name": "ada"}]),
    "two rows without ids": ([], [{"name": "Ada", "email": "a"}, {"name": "ada", "email": "b"}]),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_list_that_cannot_be_told_apart_is_refused(kind):
    """With a message that names both."""
    found, listed = REFUSED[kind]
    with pytest.raises(UsageError) as caught:
        members.joined(found, listed)
    assert "Ada" in caught.value.problem
    assert " and " in caught.value.problem or " or " in caught.value.problem


def test_a_row_that_stands_twice_is_one():
    """As in a list of two sections that overlap."""
    assert members.joined([], [{"name": "Ada"}, {"name": "Ada"}]) == [
        Student("Ada", {"name": "Ada"})
    ]


def test_a_list_in_either_composition_meets_the_folder(tmp_path):
    """A table from a Mac names the same students."""
    path = tmp_path / "class.csv"
    path.write_text(f"student,email\n{NFD},j@x.org\n", encoding="utf-8")
    assert members.joined([Student(NFC)], members.read(path)) == [
        Student(NFC, {"email": "j@x.org"})
    ]


# --- the gradebook -------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path):
    """A new gradebook."""
    with Gradebook.open(tmp_path / "gradebook.sqlite3") as opened:
        yield opened


def noted(book: Gradebook, folder: Path, files: dict, pattern: str | None, listed=()) -> run.Plan:
    options = Options(pattern=pattern)
    found = run.discover(COURSE, options, fill(folder, files))
    everybody = members.joined(found.students, listed)
    return ClassRun(book, options).plan(replace(found, students=everybody))


def kept(book: Gradebook) -> dict[tuple[str, str], int]:
    """How many contents each student of the gradebook has handed in for each exercise."""
    counts: dict[tuple[str, str], int] = {}
    for attempt in book.attempts():
        place = attempt.student, attempt.exercise
        counts[place] = counts.get(place, 0) + 1
    return counts


def test_a_later_neighbour_of_the_same_name_takes_no_row(book, tmp_path):
    """The one whom the gradebook knows keeps the row; the other has a new one."""
    noted(book, tmp_path / "1", {"smithjohn_1_10_ex03.py": other(1)}, "canvas")
    plan = noted(book, tmp_path / "2", {"smithjohn_2_11_ex03.py": other(2)}, "canvas")
    assert kept(book) == {
        ("smithjohn", "attention_scoring"): 1,
        ("smithjohn (2)", "attention_scoring"): 1,
    }
    assert "smithjohn" in plan.notes[0]
    files = {"smithjohn_1_10_ex03.py": other(3), "smithjohn_2_11_ex03.py": other(4)}
    noted(book, tmp_path / "3", files, "canvas")
    assert set(kept(book).values()) == {2}
    assert len(book.students()) == 2


def test_an_id_finds_its_row_under_another_name(book, tmp_path):
    """Who was on the list before handing in, or is renamed, has one row."""
    listed = [{"name": "Turing, Alan", "id": "99"}, {"name": "Lovelace, Ada", "id": "1"}]
    noted(book, tmp_path / "1", {"lovelaceada_1_10_ex03.py": THREE}, "canvas", listed)
    noted(book, tmp_path / "2", {"turingalan_99_11_ex03.py": THREE}, "canvas", listed)
    assert set(kept(book)) == {
        ("lovelaceada", "attention_scoring"),
        ("Turing, Alan", "attention_scoring"),
    }
    assert len(book.students()) == 2


def test_moodle_numbers_anew_in_each_assignment(book, tmp_path):
    """So another exercise under another id is the same student's, and the summary says so."""
    noted(book, tmp_path / "1", {"Ada_1_assignsubmission_file_/ex03.py": THREE}, "moodle")
    plan = noted(book, tmp_path / "2", {"Ada_7_assignsubmission_file_/ex06.py": SIX}, "moodle")
    assert {name for name, _ in kept(book)} == {"Ada"}
    assert any("Ada (1, now 7)" in note for note in plan.notes)
    again = {"Ada_1_assignsubmission_file_/ex03.py": other(2)}
    assert not noted(book, tmp_path / "3", again, "moodle").notes
    assert (
        kept(book) == {("Ada", "attention_scoring"): 2, ("Ada", "conv_params"): 1}
        or len({name for name, _ in kept(book)}) == 1
    )


def test_the_same_exercise_under_another_moodle_id_is_anothers(book, tmp_path):
    """One assignment gives one student one id."""
    noted(book, tmp_path / "1", {"Ada_1_assignsubmission_file_/ex03.py": other(1)}, "moodle")
    plan = noted(book, tmp_path / "2", {"Ada_2_assignsubmission_file_/ex03.py": other(2)}, "moodle")
    assert {name for name, _ in kept(book)} == {"Ada", "Ada (2)"}
    assert any("kept apart" in note for note in plan.notes)


def test_the_schools_own_number_goes_before_a_name(book, tmp_path):
    """Where a list says it, nobody is told by a name that two have."""
    one = [{"name": "Ada", "id": "1", "id number": "S1"}]
    noted(book, tmp_path / "1", {"Ada_1_assignsubmission_file_/ex03.py": THREE}, "moodle", one)
    two = [{"name": "Ada", "id": "7", "id number": "S2"}]
    noted(book, tmp_path / "2", {"Ada_7_assignsubmission_file_/ex06.py": SIX}, "moodle", two)
    assert {name for name, _ in kept(book)} == {"Ada", "Ada (7)"}
    again = [{"name": "Ada K", "id": "9", "id number": "S1"}]
    noted(book, tmp_path / "3", {"Ada K_9_assignsubmission_file_/ex06.py": SIX}, "moodle", again)
    assert kept(book)["Ada", COURSE.exercise("6").slug] == 1
    assert len(book.students()) == 2


def test_two_of_one_name_in_a_new_assignment_are_not_guessed(book, tmp_path):
    """Which of them is the gradebook's nobody knows: both have rows of their own."""
    noted(book, tmp_path / "1", {"Ada_1_assignsubmission_file_/ex03.py": other(1)}, "moodle")
    files = {f"Ada_{n}_assignsubmission_file_/ex06.py": other(n, SIX) for n in (7, 8)}
    noted(book, tmp_path / "2", files, "moodle")
    assert {name for name, _ in kept(book)} == {"Ada", "Ada (7)", "Ada (8)"}


def test_a_gradebook_of_before_keeps_its_rows(book, tmp_path):
    """Names without ids are found again by those who have them now; nobody is there twice."""
    noted(book, tmp_path / "1", {"Ada/ex03.py": other(1), "Alan/ex03.py": other(2)}, None)
    noted(book, tmp_path / "2", {"Ada_1_assignsubmission_file_/ex03.py": other(3)}, "moodle")
    assert {name for name, _ in kept(book)} == {"Ada", "Alan"}
    assert {s.name: s.details for s in book.students()}["Ada"] == {"id": "1"}


def test_a_row_that_was_two_students_goes_to_one_of_them(book, tmp_path):
    """What an older version mixed is not mixed again."""
    files = {f"Ada_{n}_assignsubmission_file_/ex03.py": other(n) for n in (1, 2)}
    found = run.discover(COURSE, Options(pattern="moodle"), fill(tmp_path / "1", files))
    book.enrol([Student("Ada", {"id": "2"})], [COURSE.exercise("3")])
    before = book.begin(seed=1, engine="x", why="", options={})
    book.note(before, [replace(answer.hand_in, student="Ada") for answer in found.answers])
    noted(book, tmp_path / "1", files, "moodle")
    names = {
        attempt.path: attempt.student for attempt in book.attempts() if attempt.seen > before.id
    }
    assert len(set(names.values())) == 2
    assert names["Ada_2_assignsubmission_file_/ex03.py"] == "Ada"


def test_a_list_that_gives_a_name_another_id_is_refused(book, tmp_path):
    """With folders alone, nobody can tell whether that is a correction or another student."""
    noted(book, tmp_path / "1", {"Ada/ex03.py": other(1)}, None, [{"name": "Ada", "id": "1"}])
    with pytest.raises(UsageError, match="with the id 1, and here with the id 2"):
        noted(book, tmp_path / "1", {}, None, [{"name": "Ada", "id": "2"}])
    assert len(book.runs()) == 1


# --- what people see -----------------------------------------------------------------------------


def test_pages_show_ids_where_names_coincide(book, tmp_path):
    """On the class's page and on each student's own, and only there."""
    files = {
        "smithjohn_1_10_ex03.py": other(1),
        "smithjohn_2_11_ex03.py": other(2),
        "zoe_3_12_ex03.py": other(3),
    }
    noted(book, tmp_path / "1", files, "canvas")
    sheet = gradesheet(book, COURSE.policy)
    pages.write_pages(tmp_path, sheet, "A course")
    index = (tmp_path / "index.html").read_text()
    for name in ("smithjohn (1)", "smithjohn (2)", "zoe"):
        assert f">{name}</a>" in index
        place = sheets.folders(sheet.students)[name]
        assert name in (tmp_path / "reports" / place / "index.html").read_text()
    table = sheets.render(sheet)
    assert "smithjohn (1),1," in table


def test_logins_of_one_name_are_shown_with_it():
    """Two whom the list calls the same are told apart by what they are known by."""
    both = [Student("jsmith", {"name": "Smith, John"}), Student("smithj", {"name": "Smith, John"})]
    assert set(identity.shown(both).values()) == {"Smith, John (jsmith)", "Smith, John (smithj)"}


FOLDERS = {
    "signs that are no letters": ["a:b", "a?b"],
    "capitals": ["Ada", "ada"],
    "composition": [NFC, NFD],
    "long": ["x" * 100, "x" * 101],
    "nothing left": ["...", " . "],
}


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_students_folder_is_never_anothers(kind):
    """Whoever comes later, a folder that was one's is not given to another."""
    one, two = FOLDERS[kind]
    first, second = (sheets.folders([Student(name)])[name] for name in (one, two))
    both = sheets.folders([Student(one), Student(two)])
    alike = {unicodedata.normalize("NFC", place).casefold() for place in both.values()}
    assert len(alike) == 2
    assert both[one] != second
    assert both[two] != first


def test_a_name_made_like_anothers_folder_gets_another_one():
    """What two of one folder get can be computed, and taken for a name."""
    pair = [Student("Ada"), Student("ada")]
    forged = Student(sheets.folders(pair)["ada"])
    places = sheets.folders([*pair, forged])
    assert len({place.casefold() for place in places.values()}) == 3
