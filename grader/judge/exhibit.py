"""Make the picture of an exercise: from its reference, and from an answer that passes.

A room may hold `plot.py`: a `TITLE`, and one of

    curves(answer)      a dict of name to a tensor of one axis; `X` names that axis, `FIRST` is
                        where it begins (0), and `LOG` whether the exponent is drawn (False)
    heatmap(answer)     a tensor of two axes; `ROWS` and `COLUMNS` name them

`answer` has the functions of the exercise, and as `given` what the exercise gives, and torch for
what cannot be sent (`answer.given.torch.Generator()`); of objects, only methods are asked.
"""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

from grader.course import translation
from grader.course.model import PLOT, Exercise
from grader.course.translation import PictureText
from grader.errors import UsageError
from grader.judge.effort import Effort
from grader.judge.grading import Grading
from grader.judge.processes.workers import Forkserver
from grader.judge.story import given_of
from grader.language import say
from grader.picture import Curves, Exhibit, Heatmap, Picture
from grader.report import Status
from grader.submission.text import Submission
from grader.worker.objects import Find

SEED = 0  # of what the student's code may draw


def exhibit(
    exercise: Exercise, submission: Submission | None, forkserver: Forkserver | None = None
) -> Exhibit:
    """The picture of the reference, and beside it that of `submission` where it passes.

    UsageError where the exercise has nothing to draw.
    """
    if not exercise.has_picture:
        raise UsageError(
            f"Exercise {exercise.number} has nothing to draw.", "Leave --plot out to read it."
        )
    if submission is None:
        return _exhibit(exercise, None, None)
    grading = Grading(
        exercise,
        submission,
        speed=False,
        device="cpu",
        effort=Effort.VERDICT,
        forkserver=forkserver,
    )
    try:
        status = grading.finish().status
        if status is not Status.PASSED:
            if status is Status.NOT_STARTED:
                note = say("Yours is untouched; it is drawn beside this one once it passes:")
            else:
                note = say("Yours is not right yet; it is drawn beside this one once it passes:")
            return _exhibit(exercise, None, f"{note}\ngrade exercise {exercise.number}")
        return _exhibit(exercise, grading.student, None)
    finally:
        grading.close()


def _exhibit(exercise: Exercise, student: Any, note: str | None) -> Exhibit:
    import torch

    from grader.judge import room
    from grader.judge.compare import Mismatch
    from grader.judge.student import Halt, StudentRaised

    torch.set_num_threads(1)  # what is drawn is small: more would get in each other's way
    solution = vars(room.load(exercise.room / "reference.py"))
    plot = room.load(exercise.room / PLOT)
    texts = translation.of_room(exercise.room).plot
    functions = {name: solution[name] for name in exercise.names}
    answer = SimpleNamespace(**functions, given=_Given(given_of(exercise.given)))
    mine = None
    if student is not None:
        try:
            student.begin(SEED)
            mine = _picture(plot, student, texts)
        except (Halt, Mismatch, StudentRaised) as problem:
            note = say("Yours cannot be drawn: {reason}", reason=problem.message)
    return Exhibit(texts.title or plot.TITLE, _picture(plot, answer, texts), mine, note)


class _Given:
    """What the exercise gives, and torch, as they are: what `student.given` is for the student's
    side."""

    def __init__(self, find: Find) -> None:
        import torch

        self._find = find
        self.torch = torch

    def __getattr__(self, name: str) -> Any:
        return self._find(name)


def _picture(plot: ModuleType, answer: Any, texts: PictureText) -> Picture:
    parts = vars(plot)
    if "curves" in parts:
        draw: Callable[[Any], dict[str, Any]] = parts["curves"]
        series = {
            texts.series.get(name) or name: tuple(map(float, values))
            for name, values in draw(answer).items()
        }
        return Curves(series, texts.x or plot.X, parts.get("FIRST", 0), parts.get("LOG", False))
    rows = parts["heatmap"](answer).tolist()
    return Heatmap(tuple(map(tuple, rows)), texts.rows or plot.ROWS, texts.columns or plot.COLUMNS)
