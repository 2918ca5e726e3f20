"""The pages of a class in a real browser: a hundred students, and some who mean harm."""

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median

import imagined
import pytest
from browsing import LAPTOP, PHONE

from grader.classroom.kept.gradebook import Column, Gradebook, HandIn, Student
from grader.classroom.shown import pages, sheets
from grader.classroom.shown.analysis import Analysis
from grader.classroom.shown.grades import Gradesheet, gradesheet
from grader.classroom.shown.lanes import Lanes
from grader.course import model as course
from grader.course.model import Policy
from grader.grading.keys import Key
from grader.report import Misconception, PropertyResult, PropertyStatus, Report, Status

WHOLE = course.load(course.bundled())
SECRET = 271_828_182_845


class Class:
    """A class whose tables, reports and pages lie in a folder."""

    def __init__(self, folder: Path, sheet: Gradesheet) -> None:
        self.folder, self.sheet = folder, sheet
        sheets.write(folder, sheet, [sheets.Flavour.PLAIN])
        pages.write_pages(folder, sheet, WHOLE.title)
        self.index = folder / "index.html"

    def rows(self) -> dict[str, dict[str, str]]:
        with (self.folder / "gradebook.csv").open(encoding="utf-8") as file:
            return {row["student"]: row for row in csv.DictReader(file)}

    def reports(self) -> list[dict]:
        return [dict(grade.result.content) for grade in self.sheet.grades.values()]

    def page_of(self, student: str) -> Path:
        places = sheets.folders(self.sheet.students)
        return self.folder / "reports" / places[student] / "index.html"


@pytest.fixture(scope="module")
def klass(tmp_path_factory) -> Class:
    """A hundred students, and six exercises."""
    folder = tmp_path_factory.mktemp("class")
    with Gradebook.open(folder / "gradebook.sqlite3") as book:
        imagined.fill(book, WHOLE, 100)
        return Class(folder, gradesheet(book, imagined.POLICY))


def stems(klass: Class) -> list[str]:
    return [f"ex{each.number:02d}_{each.slug}" for each in klass.sheet.exercises]


TEXTS = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"


def table(page, selector: str) -> list[list[str]]:
    return page.locator(f"{selector} tbody tr").evaluate_all(TEXTS)


# --- the numbers ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_scores_are_those_of_the_table(klass, window):
    """Every score and every total of gradebook.csv, and no other; empty where it is empty."""
    shown = {row[0]: row[1:-1] for row in table(window(klass.index).page, ".people")}
    expected = {
        name: [row["total"], *(row[stem] for stem in stems(klass))]
        for name, row in klass.rows().items()
    }
    assert shown == expected
    assert any("" in scores for scores in expected.values())


def test_the_exercises_add_up_to_the_table(klass, window):
    """How many handed in, were late and ended how; mean and median of the scores that count."""
    page = window(klass.index).page
    rows = klass.rows().values()
    bars = page.locator(".exercises tbody .parts").evaluate_all(
        "them => them.map(it => it.getAttribute('aria-label'))"
    )
    for shown, bar, stem in zip(table(page, ".exercises"), bars, stems(klass), strict=True):
        scores = [float(row[stem]) for row in rows if row[stem]]
        statuses = Counter(row[f"{stem} status"].replace("_", " ") for row in rows)
        statuses["failed"] += statuses.pop("rejected", 0)
        handed_in = len(rows) - statuses["missing"]
        late = sum(row[f"{stem} days late"] not in ("", "0") for row in rows)
        assert shown[1].split("\n") == [str(handed_in), f"{late} late"]
        assert float(shown[3]) == round(fmean(scores), 1)
        assert float(shown[4]) == median(scores)
        told = dict(reversed(part.split(" ", 1)) for part in bar.split(", "))
        assert told == {name: str(count) for name, count in statuses.items() if count}
    totals = [float(row["total"]) for row in rows if row["total"]]
    tiles = page.locator(".tiles li").all_inner_texts()
    assert tiles[0].split() == ["100", "students"]
    assert float(tiles[2].split()[0]) == round(fmean(totals), 1)


def test_misconceptions_are_counted_as_in_the_reports(klass, window):
    """How many hold each, by exercise, and who they are."""
    page = window(klass.index).page
    counted = Counter(
        (each["exercise"]["number"], each["misconception"]["explanation"].replace("`", ""))
        for each in klass.reports()
        if each["misconception"]
    )
    page.locator(".misconceptions > .held > .more input").check()
    shown = {}
    for held in page.locator(".misconceptions > .held > li:not(.more)").all():
        held.locator("summary").click()
        where = held.locator(".where").inner_text()
        idea = held.locator(".idea").inner_text()
        count = int(held.locator("b").inner_text())
        assert held.locator(".names a:not([data-show])").count() == count
        shown[int(where.split(".")[0]), idea] = count
    assert shown == counted
    assert list(shown.values()) == sorted(shown.values(), reverse=True)


def test_the_items_are_counted_as_in_the_reports(klass, window):
    """Who passed a property, of those who reached it, the hardest first."""
    page = window(klass.index).page
    ends: dict[tuple[int, str], Counter] = {}
    for each in klass.reports():
        for result in each["properties"]:
            place = each["exercise"]["number"], result["name"]
            ends.setdefault(place, Counter())[result["status"]] += 1
    shown = {}
    page.locator(".items .more input").check()
    for row in page.locator(".items tbody tr").all():
        where = row.locator(".where").inner_text()
        shown[int(where.split(".")[0]), where.rpartition("· ")[2]] = row.locator("td").all()[0]
    assert shown.keys() == ends.keys()
    shares = []
    for place, cell in shown.items():
        counts = ends[place]
        share = counts["passed"] / (counts["passed"] + counts["failed"] + counts["error"])
        assert float(cell.get_attribute("data-v")) == round(share, 4)
        shares.append(share)
    assert shares == sorted(shares)


def test_a_students_page_says_the_same(klass, window):
    """Scores, the total, and what lateness took; beside it the reports of the answers."""
    late = next(
        name for name, row in klass.rows().items() if row["ex01_lstm_step days late"] not in "0"
    )
    missing = next(name for name, row in klass.rows().items() if "" in map(row.get, stems(klass)))
    for name in (late, missing):
        row = klass.rows()[name]
        shown = window(klass.page_of(name))
        scores = [cells[1] for cells in table(shown.page, ".sheet")]
        assert scores == [row[stem] for stem in stems(klass)]
        total = shown.page.locator("tfoot td").first.inner_text()
        assert total == row["total"]
        handed_in = sum(row[f"{stem} status"] != "missing" for stem in stems(klass))
        assert shown.page.locator(".one").count() == handed_in
        assert shown.page.locator(".one .score b").all_inner_texts() == [
            row[f"{stem} raw"] or "0" for stem in stems(klass) if row[f"{stem} status"] != "missing"
        ]
    text = window(klass.page_of(late)).page.inner_text(".sheet")
    assert f"days late: {klass.rows()[late]['ex01_lstm_step days late']}" in text
    assert "nothing was handed in" in window(klass.page_of(missing)).page.inner_text(".sheet")


# --- what can be done with it ---------------------------------------------------------------------


def column(page, number: int) -> list[str]:
    return [row[number] for row in table(page, ".people")]


def test_students_are_sorted_by_a_click(klass, window):
    """By name, by total, by an exercise; a second click turns it round, and empty comes last."""
    page = window(klass.index).page
    heads = page.locator(".people thead button")
    heads.filter(has_text="total").click()
    totals = [float(total) for total in column(page, 1) if total]
    assert totals == sorted(totals)
    heads.filter(has_text="total").click()
    shown = column(page, 1)
    assert shown[0] == sheets.number(max(totals))
    rows = klass.rows().values()
    missed = next(i for i, stem in enumerate(stems(klass), 2) if any(not row[stem] for row in rows))
    heads.nth(missed).click()
    heads.nth(missed).click()
    scores = [float(score) for score in column(page, missed) if score]
    assert scores == sorted(scores, reverse=True)
    assert not any(column(page, missed)[len(scores) :])
    assert len(scores) < 100
    heads.filter(has_text="student").click()
    assert column(page, 0) == sorted(column(page, 0))
    sorted_by = page.locator(".people th[aria-sort]")
    assert (sorted_by.count(), sorted_by.get_attribute("aria-sort")) == (1, "ascending")


def test_items_are_sorted_by_a_click(klass, window):
    """The ten that are shown are the first ten in the order that was asked for."""
    page = window(klass.index).page
    assert page.locator(".items tbody tr:visible").count() == 10
    page.locator(".items button", has_text="separates").click()
    shown = page.locator(".items tbody tr:visible .discrimination").all_inner_texts()
    page.locator(".items .more input").check()
    everything = page.locator(".items tbody tr:visible .discrimination").all_inner_texts()
    assert len(everything) > len(shown) == 10
    assert [float(each) for each in shown] == sorted(float(e) for e in everything if e)[:10]


def visible(page) -> list[str]:
    return page.locator(".people tbody tr:visible th").all_inner_texts()


def test_students_are_filtered(klass, window):
    """By a part of the name, by what is to be seen to, and by what they hold."""
    page = window(klass.index).page
    page.fill("#name", "ADA")
    assert visible(page) == [name for name in klass.rows() if "ada" in name.lower()]
    assert page.inner_text("output") == f"{len(visible(page))} of 100"
    page.fill("#name", "")
    page.select_option("#show", "missing")
    lacking = [name for name, row in klass.rows().items() if "missing" in row.values()]
    assert visible(page) == lacking
    first = page.locator(".held > li").first
    first.locator("summary").click()
    first.locator("[data-show]").click()
    names = first.locator(".names a:not([data-show])").all_inner_texts()
    assert visible(page) == names
    assert len(names) == int(first.locator("b").inner_text())


def test_students_are_filtered_by_what_they_fail_first(klass, window):
    """A wrong answer of no known kind is grouped by its first failing property; the names of the
    group, its count and the rows of the table are the same."""
    page = window(klass.index).page
    first = page.locator(".stuck .held > li").first
    first.locator("summary").click()
    names = first.locator(".names a:not([data-show])").all_inner_texts()
    assert len(names) == int(first.locator("b").inner_text())
    first.locator("[data-show]").click()
    assert visible(page) == names


def test_who_is_behind_is_shown_and_can_be_filtered(klass, window):
    """As many as the tile says; the rows are theirs."""
    page = window(klass.index).page
    page.select_option("#show", "behind")
    behind = [each.student for each in Analysis(klass.sheet).behind]
    assert visible(page) == [name for name in klass.rows() if name in behind]
    tile = page.locator(".tiles li", has_text="behind the class").locator("b")
    assert int(tile.inner_text()) == len(behind)


def test_a_cell_of_the_heatmap_is_read_out(klass, window):
    """Whose it is, which property, and how it ended; a click opens the student's page."""
    page = window(klass.index).page
    lanes = Lanes(Analysis(klass.sheet))
    order = sorted(
        klass.sheet.students,
        key=lambda student: (-sum(g.score or 0 for g in of(klass, student)), student.name),
    )
    rank, row = next((n, r) for n, s in enumerate(order) if "f" in (r := lanes.row(s)))
    item = next(i for i in Analysis(klass.sheet).items if lanes.place(i) == row.index("f"))
    heatmap = page.locator(".heatmap")
    heatmap.scroll_into_view_if_needed()
    box = heatmap.bounding_box()
    x = box["width"] * (row.index("f") + 0.4) / lanes.width
    y = box["height"] * (rank + 0.5) / len(order)
    heatmap.hover(position={"x": x, "y": y})
    said = page.inner_text(".reading")
    assert said.startswith(f"{order[rank].name}: failed. {item.title.replace('`', '')}")
    heatmap.click(position={"x": x, "y": y})
    page.wait_for_url(klass.page_of(order[rank].name).as_uri())
    assert page.inner_text("h1") == order[rank].name


def of(klass: Class, student: Student):
    grades = (klass.sheet.grade(student, exercise) for exercise in klass.sheet.exercises)
    return [grade for grade in grades if grade]


def test_without_scripts_everything_is_there(klass, browser):
    """The same rows and names, and no control that would do nothing."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(klass.index.as_uri())
    assert page.locator(".people tbody tr").count() == 100
    assert page.locator("button, input[type=search], select").locator("visible=true").count() == 0
    page.locator(".held summary").first.click()
    assert page.locator(".names a:visible").count() >= 1
    page.locator(".items .more input").check()
    assert page.locator(".items tbody tr:visible").count() > 10
    context.close()


# --- how it is shown ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, LAPTOP])
def test_pages_load_nothing_and_fit(klass, window, scheme, width):
    """No request but for the page, no word on the console, nothing beyond the edge of a phone."""
    for path in (klass.index, klass.page_of(klass.sheet.students[0].name)):
        shown = window(path, scheme, width)
        assert shown.requests == [path.as_uri()]
        assert shown.complaints == []
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_heatmap_takes_few_elements(klass):
    """A path for each kind of cell: a hundred students by sixty properties are no 6,000 cells."""
    text = klass.index.read_text()
    cells = len(klass.sheet.students) * Lanes(Analysis(klass.sheet)).width
    assert cells > 6000
    assert text.count("<path") < cells / 10
    assert len(text) < 60 * cells


def test_students_do_not_learn_the_seed(klass):
    """The seed of the class is for staff: who hands in again is graded on it again."""
    report = replace(next(iter(klass.sheet.grades.values())).result.report, seed=SECRET)
    sheet = one_answer(klass, report)
    (student,) = sheet.students
    page = pages.student_page(Analysis(sheet), student, "Course")
    assert report.title in page
    assert str(SECRET) not in page


def one_answer(klass: Class, report: Report) -> Gradesheet:
    """The class of one student, whose only answer has this report."""
    (name, slug), grade = next(iter(klass.sheet.grades.items()))
    result = replace(grade.result, content=report.as_json())
    return Gradesheet(
        (Student(name),),
        tuple(each for each in klass.sheet.exercises if each.slug == slug),
        {(name, slug): replace(grade, result=result)},
    )


@pytest.mark.parametrize("exercises", [(), (Column("one", 1, "One", 100),)])
@pytest.mark.parametrize("students", [(), (Student("ada"),)])
def test_a_class_without_answers_has_pages(window, tmp_path, students, exercises):
    """Nobody yet, or nothing handed in: a page that says so, and complains of nothing."""
    pages.write_pages(tmp_path, Gradesheet(students, exercises, {}), "Course")
    shown = window(tmp_path / "index.html")
    assert shown.complaints == []
    assert "Nothing has been tried yet." in shown.page.inner_text("main")


# --- what students write --------------------------------------------------------------------------

ATTACK = "</title></pre></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
HOSTILE = [
    ATTACK.replace("/", "⁄"),
    '" onmouseover="alert(3)" x="',
    "javascript:alert(4)",
    "../../up & away?#%41",
    "=cmd()",
    "\u202egnp.exe \x1b[31m",
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Class:
    """Students whose names, files, prints and messages are all meant to break a page."""
    folder = tmp_path_factory.mktemp("hostile")
    exercise = WHOLE.exercise("3")
    with Gradebook.open(folder / "gradebook.sqlite3") as book:
        run = book.begin(seed=7, engine="grade", why="", options={})
        book.enrol([Student(name) for name in HOSTILE], [exercise])
        for name in HOSTILE:
            failed = PropertyResult(
                "test_a", ATTACK, PropertyStatus.ERROR, 0, 60, f"Your code crashed {ATTACK}", ATTACK
            )
            passed = PropertyResult("test_b", "B.", PropertyStatus.PASSED, 40, 40)
            path = f"{name}/{ATTACK}.py"
            report = Report(
                3, exercise.slug, ATTACK, path, "a" * 64, Status.PARTIAL, 40, 100, (failed, passed),
                reason=ATTACK, misconception=Misconception(ATTACK, ATTACK), printed=ATTACK,
                next_step=ATTACK, note=ATTACK, environment={ATTACK: ATTACK},
            )  # fmt: skip
            found = HandIn(name, exercise.slug, "a" * 64, path, imagined.DEADLINE)
            key = Key("a" * 64, "s" * 64, "x.py", "e" * 64, 7, False, "cpu", "grade")
            book.record(run, book.note(run, [found])[0], key, report, "")
        return Class(folder, gradesheet(book, Policy()))


def test_nothing_that_a_student_writes_is_run(hostile, window):
    """Names, messages and prints are text on every page, and every link leads to its page."""
    shown = window(hostile.index)
    names = shown.page.locator(".people tbody th")
    assert names.count() == len(HOSTILE)
    assert shown.page.locator("img").count() == 0
    assert shown.page.locator("script").count() == 1
    assert names.filter(has_text='" onmouseover="alert(3)" x="').count() == 1
    shown.page.locator(".held summary").first.click()
    for head in shown.page.locator(".sheet button").all():
        head.click()
        head.hover()
    shown.page.locator(".heatmap").hover()
    for link in shown.page.locator(".people tbody a").all():
        page = window(Path(course.__file__)).page  # somewhere else
        page.goto(link.evaluate("it => it.href"))
        assert page.inner_text("h1") == link.inner_text()
    assert (shown.complaints, len(shown.requests)) == ([], 1)


def test_a_students_page_runs_nothing(hostile, window):
    """Not even a script that got in would run: the policy allows none."""
    for name in HOSTILE:
        shown = window(hostile.page_of(name))
        assert shown.complaints == []
        assert shown.page.locator("script, img").count() == 0
        assert ATTACK in shown.page.inner_text(".printed")
        shown.page.evaluate(
            "() => { const it = document.createElement('script'); it.textContent = 'hit = 1';"
            " document.body.append(it) }"
        )
        assert shown.page.evaluate("typeof hit") == "undefined"
