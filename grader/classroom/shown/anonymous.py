"""The grades of a class without what says whose they are."""

from collections.abc import Mapping
from dataclasses import replace

from grader.classroom.kept.gradebook import Result, Student
from grader.classroom.received.pseudonyms import without_owner
from grader.classroom.shown.grades import Grade, Gradesheet

UNKNOWN = "student"  # who has no pseudonym


def anonymous(sheet: Gradesheet, names: Mapping[str, str]) -> Gradesheet:
    """The same under pseudonyms, in their order, without ids, addresses and paths."""

    def called(name: str) -> str:
        return names.get(name, UNKNOWN)

    def student(each: Student) -> Student:
        return Student(called(each.name), is_listed=each.is_listed, is_dropped=each.is_dropped)

    def grade(each: Grade) -> Grade:
        name = called(each.student)
        return replace(
            each,
            student=name,
            path=without_owner(each.path, name) if each.path else "",
            author=called(each.author) if each.author else "",
            chosen="One of several files was taken." if each.chosen else "",
            result=each.result and _result(each.result, each.path, name),
            extended=each.extended
            and replace(each.extended, student=called(each.extended.student), why=""),
            decisions=tuple(replace(d, student=called(d.student)) for d in each.decisions),
        )

    return replace(
        sheet,
        students=tuple(sorted(map(student, sheet.students), key=lambda each: each.name)),
        grades={(called(name), slug): grade(g) for (name, slug), g in sheet.grades.items()},
        dropped=tuple(map(student, sheet.dropped)),
        unlisted=tuple(map(called, sheet.unlisted)),
        absent=tuple(map(called, sheet.absent)),
        unseen=tuple(map(called, sheet.unseen)),
    )


def _result(result: Result, path: str, name: str) -> Result:
    """The same result; what it says of the file does not say whose it is."""
    shown = without_owner(path, name)
    content = dict(result.content)
    if isinstance(submission := content.get("submission"), dict):
        # A result that was taken over from another's equal file may have that one's path.
        own = str(submission.get("path", path))
        content["submission"] = {**submission, "path": shown}
        for key in ("reason", "next_step"):
            if isinstance(text := content.get(key), str):
                content[key] = text.replace(own, shown).replace(path, shown)
    return replace(result, content=content)
