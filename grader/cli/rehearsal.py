"""`grade class --dry-run`: who handed in what, which file, when, late or not; nothing is graded."""

from datetime import UTC

from rich.console import Console
from rich.table import Table

from grader.classroom.kept.gradebook import BY_FILE, Attempt, Gradebook
from grader.classroom.received import identity
from grader.classroom.received.roster import Answer, Roster
from grader.classroom.shown.grades import Rules, days_late, is_closed, is_vouched_for
from grader.cli.options import counted
from grader.course.model import Course
from grader.report import clean, harmless


def show(found: Roster, book: Gradebook, course: Course) -> None:
    """Print a line for each answer, then what else there is to know."""
    known = identity.settled(book.students())
    teams = Rules(course.policy, [*found.students, *known], []).teams
    roster, notes = found.among(known, book.attempts(), teams)
    rules = Rules(course.policy, [*known, *roster.students], book.decisions.valid())
    dropped = {student.name for student in known if student.is_dropped}
    names = identity.shown(roster.students)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for head in ("student", "exercise", "file", "handed in", "date by", "late"):
        table.add_column(head, overflow="fold")
    for answer in sorted(roster.answers, key=lambda a: (a.student, a.exercise.number)):
        late = "dropped" if answer.student in dropped else _late(answer, rules, course)
        moment = f"{answer.file.submitted_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        cells = (
            names.get(answer.student, answer.student),
            f"{answer.exercise.number}",
            answer.file.path,
            moment,
            answer.file.dated_by,
            late,
        )
        table.add_row(*(clean(text) for text in cells))
    console = Console(soft_wrap=True, emoji=False)
    with console.capture() as captured:
        console.print(table, markup=False, highlight=False)
    console.file.write(harmless(captured.get()))  # a name that is folded begins lines of its own
    answered = {answer.student for answer in roster.answers}
    empty = [student.name for student in roster.students if student.name not in answered]
    remarks = [*notes, *roster.notes, *rules.notes]
    if empty:
        remarks.append(f"Without a hand-in: {', '.join(sorted(empty))}.")
    if unlisted := [s.name for s in roster.students if s.is_listed is False]:
        remarks.append(f"Not on the list: {', '.join(sorted(unlisted))}.")
    remarks += dict.fromkeys(
        f"{answer.file.path} cannot be read: {answer.file.problem.problem}"
        for answer in roster.answers
        if answer.file.problem
    )
    for remark in remarks:
        console.print(clean(remark), markup=False, highlight=False, emoji=False)
    count = len(roster.answers)
    people = counted(len(answered), "student")
    console.print(f"{counted(count, 'answer')} of {people}. Nothing was graded.")


def _late(answer: Answer, rules: Rules, course: Course) -> str:
    """Late or not, and where nobody vouches for the date, that it does not matter."""
    file = answer.file
    attempt = Attempt(
        0, answer.student, answer.exercise.slug, "", "", file.submitted_at, 0, 0, file.dated_by
    )
    student = file.place.student
    extension = rules.extension(student, answer.exercise.slug)
    if is_closed(attempt, course.policy, extension):
        return "after the last day"
    if days := days_late(attempt, course.policy, extension):
        return counted(days, "day")
    deadline = course.policy.deadline_of(answer.exercise.slug)
    if file.dated_by == BY_FILE and deadline and not is_vouched_for(attempt, course.policy):
        return "not by this date" if file.submitted_at > deadline else "no"
    return "no"
