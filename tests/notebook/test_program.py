"""Which of a notebook's code an exercise's answer is made of."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from grader.course import model as course
from grader.submission.notebook import program as notebook
from grader.submission.notebook.cells import Cell, code_cell

COURSE = course.load(course.bundled())
SCORING = COURSE.exercise("attention_scoring")  # functions attention_scores and attention
LSTM = COURSE.exercise("lstm_step")
NOTEBOOK = Path("attempt.ipynb")
ANSWER = "def attention_scores(q, k): return 1\ndef attention(q, k, v): return 2"


def cells(*sources: str | tuple[str, str]) -> list[Cell]:
    """Code cells, numbered from 1; a pair is a source with a tag."""
    pairs = [(each, "") if isinstance(each, str) else each for each in sources]
    return [
        code_cell(NOTEBOOK, str(number), dedent(source), {"tags": [tag] if tag else []})
        for number, (source, tag) in enumerate(pairs, 1)
    ]


def source(given: Sequence[Cell], wanted: course.Exercise = SCORING) -> str:
    return notebook.program(NOTEBOOK, given, wanted).source


def program(*sources: str | tuple[str, str], wanted: course.Exercise = SCORING) -> list[str]:
    """The statements of which the answer to an exercise is made."""
    tree = ast.parse(source(cells(*sources), wanted))
    return [ast.unparse(node) for node in tree.body if not isinstance(node, ast.Pass)]


def names(*sources: str | tuple[str, str], wanted: course.Exercise = SCORING) -> dict[str, Any]:
    """What the answer to an exercise defines when it runs."""
    namespace: dict[str, Any] = {"__name__": "submission"}
    exec(compile(source(cells(*sources), wanted), "submission", "exec"), namespace)
    return {name: value for name, value in namespace.items() if not name.startswith("__")}


class TestWhatAnAnswerNeeds:
    """From the functions that are asked for, through every name that they use."""

    def test_helpers_constants_and_imports_come_along_from_any_cell(self) -> None:
        """Also what stands below the function: it is there when the function is called."""
        found = names(
            "import math, os",
            "def attention_scores(q, k): return scale(4)",
            "def attention(q, k, v): return OFFSET",
            "def scale(d): return math.sqrt(d) * Helper.factor",
            "OFFSET = 7",
            "class Helper:\n    factor = FACTOR = 3",
        )
        assert found.keys() == {"math", "os", "attention_scores", "attention", "scale",
                                "OFFSET", "Helper"}  # fmt: skip
        assert found["attention_scores"](0, 0) == 6
        assert found["attention"](0, 0, 0) == 7

    def test_what_it_does_not_need_is_not_run(self) -> None:
        """Trying out, plots, other experiments: they may fail, and cost nothing."""
        found = names(
            "import no_such_module_anywhere as plot",
            ANSWER,
            "out = attention(1, 2, 3).boom",
            "data = open('no such file').read()",
            "result = grader.check(3)",
        )
        assert found.keys() == {"attention_scores", "attention"}

    @pytest.mark.parametrize(
        "cell",
        [
            "TABLE = {}\nTABLE['d'] = 4",
            "class Table: pass\nTABLE = Table()\nTABLE.d = 4",
            "TABLE = []\nTABLE += [4]",
            "if True:\n    TABLE = 4\nelse:\n    TABLE = 5",
            "try:\n    import no_such_module_anywhere\nexcept ImportError:\n    TABLE = 4",
            "from math import *\nTABLE = pi",
            "def make(): return OTHER\nOTHER = 4\nTABLE = make()",
            "def twice(f): return f()\n@twice\ndef TABLE(): return 4",
            "make = lambda: OTHER\nOTHER = 4\nTABLE = [make() for _ in range(2)]",
            "(TABLE, _), *rest = [(4, 5), 6]",
            "TABLE: int = 4",
            "import math as TABLE",
            "OTHER = 4; TABLE = OTHER; OTHER = None",
        ],
    )
    def test_a_value_is_made_as_the_cell_makes_it(self, cell: str) -> None:
        """With every statement that has part in it, and the names that those use when they run."""
        use = "def attention_scores(q, k): return TABLE\ndef attention(q, k, v): return TABLE"
        expected: dict[str, Any] = {}
        exec(cell, expected)
        value = names(cell, use)["attention"](0, 0, 0)
        same = vars(value) == vars(expected["TABLE"]) if hasattr(value, "d") else (
            value == expected["TABLE"]
        )  # fmt: skip
        assert same

    def test_a_name_of_a_functions_own_is_not_looked_up(self) -> None:
        """`out` within a function has nothing to do with the `out` of a cell that tries it."""
        answer = """\
            def attention_scores(q, k):
                out = [k for k in q]
                def inner(out): return out
                return out
            def attention(q, k, v): return 1
        """
        assert "out" not in names(answer, "out = q = k = 1 / 0")

    def test_names_that_are_looked_up_by_other_means_keep_everything(self) -> None:
        """`eval` and `globals` can ask for any name."""
        found = names("hidden = 3", "def attention_scores(q, k): return eval('hidden')", ANSWER)
        assert "hidden" not in found
        found = names("hidden = 3", ANSWER, "def attention(q, k, v): return eval('hidden')")
        assert found["attention"](0, 0, 0) == 3

    def test_an_earlier_attempt_is_gone(self) -> None:
        """What it used, which may be forbidden, is gone with it."""
        first = "import torch\ndef attention(q, k, v): return torch.nn.functional.x(q, k, v)"
        assert program(first, ANSWER) == program(ANSWER)

    def test_an_earlier_attempt_is_kept_where_a_later_one_uses_it(self) -> None:
        """`old = f; def f(): old()` takes the first `f` when the cell runs."""
        found = names(ANSWER, "old = attention", "def attention(q, k, v): return old(q, k, v) + 1")
        assert found["attention"](0, 0, 0) == 3

    def test_an_answer_that_lacks_a_function_is_what_there_is_of_it(self) -> None:
        """Grading says which function is missing."""
        assert names("x = 1", "def attention(q, k, v): return 2").keys() == {"attention"}
        assert names("x = 1") == {}

    def test_lines_keep_their_places(self) -> None:
        """Above and below what is left out, also where it has decorators."""
        given = cells(
            "import os\n\n@(\n    os\n    .fspath)\ndef unused():\n    pass\n", "# here\n" + ANSWER
        )
        found = notebook.program(NOTEBOOK, given, SCORING)
        text, places = found.source, found.lines
        line = text.split("\n").index("def attention(q, k, v): return 2") + 1
        assert places[line - 1] == ("2", 3, "def attention(q, k, v): return 2")
        assert "unused" not in text
        assert len(text.splitlines()) == len(places)

    def test_deferred_annotations_hold_for_the_answer(self) -> None:
        """A future import counts wherever the answer's cells have it."""
        future = "from __future__ import annotations\ndef attention(q: Later, k, v): return 1"
        found = names(ANSWER, future)
        assert found["attention"].__annotations__ == {"q": "Later"}


class TestSeveralExercises:
    """One notebook, many answers: each is graded by itself."""

    STEP = "def lstm_step(*args): return sigmoid(1)"

    def test_each_has_its_own_functions(self) -> None:
        """And nothing of the others."""
        sources = (ANSWER, self.STEP, "def sigmoid(x): return x")
        assert names(*sources).keys() == {"attention_scores", "attention"}
        assert names(*sources, wanted=LSTM).keys() == {"lstm_step", "sigmoid"}

    def test_helpers_of_the_same_name_do_not_get_in_each_others_way(self) -> None:
        """An exercise's own cell comes before those of other exercises, wherever it stands."""
        first = "def helper(): return 'first'\ndef attention_scores(q, k): return helper()"
        second = "def helper(): return 'second'\ndef lstm_step(*args): return helper()"
        rest = "def attention(q, k, v): return 1"
        for order in ([first, second, rest], [second, first, rest]):
            assert names(*order)["attention_scores"](0, 0) == "first"
            assert names(*order, wanted=LSTM)["lstm_step"]() == "second"

    def test_an_answer_may_build_on_another(self) -> None:
        """What is nowhere else is taken from the other exercise's cell."""
        built = "def attention_scores(q, k): return lstm_step()\ndef attention(q, k, v): return 1"
        found = names("A = 5\ndef lstm_step(*args): return A", built)
        assert found["attention_scores"](0, 0) == 5

    @pytest.mark.parametrize(
        "tag", ["grade:1", "grade:01", "grade:lstm_step", "grade:ex01_lstm_step"]
    )
    def test_a_tag_says_whose_a_cell_is(self, tag: str) -> None:
        """By any of the names of an exercise; so a cell of helpers can belong to one."""
        shared = "def helper(): return 'shared'"
        own = ("def helper(): return 'own'", tag)
        use = "def attention_scores(q, k): return helper()\ndef attention(q, k, v): return 1"
        step = "def lstm_step(*args): return helper()"
        assert names(shared, own, use)["attention_scores"](0, 0) == "shared"
        assert names(shared, own, step, wanted=LSTM)["lstm_step"]() == "own"

    @pytest.mark.parametrize("mark", ["# grade:lstm_step", "#grade: 1\n# more", "\n# grade:01  "])
    def test_a_comment_marks_a_cell_as_a_tag_does(self, mark: str) -> None:
        """Where a front end hides tags."""
        use = "def attention_scores(q, k): return helper()\ndef attention(q, k, v): return 1"
        shared = "def helper(): return 'shared'"
        assert (
            names(shared, f"{mark}\n{shared.replace('shared', 'own')}", use)["attention_scores"](
                0, 0
            )
            == "shared"
        )

    def test_a_comment_can_skip_a_cell(self) -> None:
        """`# grade:skip` as the tag of that name."""
        assert names(ANSWER, "# grade:skip\ndef attention(q, k, v): return 3")["attention"](
            0, 0, 0
        ) == 2  # fmt: skip

    @pytest.mark.parametrize(
        "cell",
        [
            "def attention(q, k, v): return 3\n# grade:skip",
            "def attention(q, k, v): return 3  # grade:skip",
            "x = 1\n\n    # grade:skip\ndef attention(q, k, v): return 3",
            "%time x = 1\n# grade:skip\ndef attention(q, k, v): return 3",
            "%matplotlib inline\n!ls\n#grade: skip\ndef attention(q, k, v): return 3",
            "def attention(q, k, v):\n    return (3\n# grade:skip",
        ],
    )
    def test_a_comment_counts_wherever_it_stands(self, cell: str) -> None:
        """At the end, behind code, below a magic, in a cell that Python cannot read."""
        assert names(ANSWER, cell)["attention"](0, 0, 0) == 2

    def test_a_string_is_no_comment(self) -> None:
        """What a cell merely speaks of does not leave it out."""
        text = '"""Say\n# grade:skip\n"""\ndef attention(q, k, v): return 3'
        assert names(ANSWER, text)["attention"](0, 0, 0) == 3

    @pytest.mark.parametrize("tag", ["grade:nonsense", "grade:99", "other"])
    def test_a_tag_that_names_no_exercise_means_nothing(self, tag: str) -> None:
        """A slip must not hide an answer."""
        assert "attention" in names((ANSWER, tag))

    def test_the_answers_of_a_notebook_are_found(self) -> None:
        """In the order of the course, each with the last cell that has a function of it."""
        given = cells(
            "x = 1",
            "def attention(q, k, v): return 2",
            "def attention_scores(q, k): return 1",
            self.STEP,
            ("def lstm_step(:", "grade:1"),
            "attention(1, 2, 3)",
        )
        found = notebook.answers(NOTEBOOK, given, COURSE)
        assert [(each.slug, cell.name) for each, cell in found.items()] == [
            ("lstm_step", "5"),
            ("attention_scoring", "3"),
        ]


class TestCellsThatAreNotPython:
    """A syntax error costs the answer that it stands in, and no other."""

    BROKEN = "def attention(q, k, v) return 2"

    @pytest.mark.parametrize("error", ["oops(", "x = = 1", "return 5", "def lstm_step(:", "'''"])
    def test_one_outside_of_the_answer_is_passed_over(self, error: str) -> None:
        """Above it or below it, in IPython such a cell does nothing either."""
        for order in ([error, ANSWER], [ANSWER, error]):
            assert names(*order).keys() == {"attention_scores", "attention"}

    @pytest.mark.parametrize("order", [(ANSWER, BROKEN), (BROKEN,), ("x = 1", BROKEN, "'''")])
    def test_one_in_the_answer_is_reported(self, order: tuple[str, ...]) -> None:
        """Also where an earlier attempt would do: the student means the last one."""
        found = notebook.program(NOTEBOOK, cells(*order), SCORING)
        text, places = found.source, found.lines
        with pytest.raises(SyntaxError) as caught:
            ast.parse(text)
        assert caught.value.lineno
        assert places[caught.value.lineno - 1].text == self.BROKEN

    def test_one_that_was_mended_below_is_passed_over(self) -> None:
        """The later attempt counts."""
        assert names(self.BROKEN, ANSWER)["attention"](0, 0, 0) == 2

    def test_where_a_function_is_nowhere_the_first_error_is_reported(self) -> None:
        """It may be why."""
        found = notebook.program(NOTEBOOK, cells("x = 1", "oops(", "'''"), SCORING)
        text, places = found.source, found.lines
        assert [place.text for place in places] == ["oops("]
        assert text == "oops(\n"


class TestStaleCells:
    """A kernel has also run what a cell was before it was changed."""

    @staticmethod
    def found(*sources: str, stale: set[int]) -> dict[str, Any]:
        given = [
            replace(cell, stale=number in stale) for number, cell in enumerate(cells(*sources), 1)
        ]
        namespace: dict[str, Any] = {}
        exec(source(given), namespace)
        return namespace

    def test_what_a_cell_no_longer_says_is_gone(self) -> None:
        """As it will be from the saved file, although the kernel still knows it."""
        use = "def attention_scores(q, k): return helper()"
        found = self.found("def helper(): return 1\n" + ANSWER, use, ANSWER, use, stale={1, 2})
        assert "helper" not in found

    def test_a_cell_that_ran_before_its_name_was_given_again_still_has_it(self) -> None:
        """`WIDTH` was made of the old `D`; running the cell of `D` again must not break it."""
        use = "def attention_scores(q, k): return WIDTH\ndef attention(q, k, v): return D"
        found = self.found("D = 4", "WIDTH = D * 2", use, "D = 5", stale={1})
        assert (found["attention"](0, 0, 0), found["WIDTH"]) == (5, 8)

    def test_the_first_of_two_cells_counts_again_when_the_second_has_let_go(self) -> None:
        """The cell that stands says it; what the other one was does not."""
        other = "def attention(q, k, v): return 3"
        found = self.found(ANSWER, other, "x = 1", stale={2})
        assert found["attention"](0, 0, 0) == 2

    def test_a_stale_syntax_error_does_not_matter(self) -> None:
        """It was mended."""
        assert self.found(ANSWER, "def attention(", "x = 1", stale={2})["attention"](0, 0, 0) == 2
