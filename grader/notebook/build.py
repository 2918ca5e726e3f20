"""Exercises as a notebook: for each a statement, a cell for the answer, and one that grades it."""

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import groupby

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.course.model import Exercise
from grader.course.stubs import translated
from grader.language import say
from grader.notebook.markdown import document, inline
from grader.submission.notebook.cells import MARK

# Where a repository keeps the notebooks that its badges open: at the root of this branch.
BRANCH = "notebooks"
COLAB = "https://colab.research.google.com"
_GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def build(
    title: str,
    stubs: Mapping[Exercise, str],
    options: str = "",
    *,
    grades: bool = True,
    repository: str = "",
    name: str = "",
) -> str:
    """The text of a notebook of exercises with their stubs, in the language in use, always the same
    for the same ones.

    `title` is the course's; `options` go to each `%grade`. Where it is read without the answers,
    `grades` is False, and no cell tries to. `repository` is the address of the git repository that
    the program is installed from where the kernel lacks it; on GitHub, the notebook's `name` in its
    branch `notebooks` can be opened in Colab, and a badge does that.
    """
    exercises = list(stubs)
    if grades:
        cells = [
            new_markdown_cell(
                badge(repository, name) + _introduction(title, exercises[0], options, repository),
                id="title",
            ),
            new_code_cell(_setup(repository), id="setup"),
        ]
    else:
        cells = [new_markdown_cell(_to_hand_in(title), id="title")]
    parts = [(part, list(group)) for part, group in groupby(exercises, lambda each: each.part)]
    for number, (part, group) in enumerate(parts, 1):
        if len(parts) > 1:
            cells.append(new_markdown_cell(f"## {inline(part)}", id=f"part-{number}"))
        for exercise in group:
            level = "###" if len(parts) > 1 else "##"
            own = list(_cells(exercise, stubs[exercise], level, options))
            cells += own if grades else own[:-1]
    notebook = new_notebook(
        cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)
    return text + "\n"


def badge(repository: str, name: str) -> str:
    """What opens the notebook `name` in Colab, as a paragraph of Markdown; empty where the
    repository is not on GitHub."""
    found = _GITHUB.fullmatch(repository)
    if found is None or not name:
        return ""
    address = f"{COLAB}/github/{found[1]}/blob/{BRANCH}/{name}"
    return f"[![Open In Colab]({COLAB}/assets/colab-badge.svg)]({address})\n\n"


def _setup(repository: str) -> str:
    """What makes the magics known. Where the kernel lacks them, they are installed from the
    `repository`, or it is said what to do."""
    if repository:
        return "\n".join(
            [
                "# grade:skip",
                "try:",
                "    %load_ext grader",
                "except ModuleNotFoundError:",
                f"    %pip install -q git+{repository}",
                "    import importlib",
                "    importlib.invalidate_caches()",
                "    %load_ext grader",
            ]
        )
    missing = say(
        "The Python of this kernel has no grader. Choose the kernel of the environment that you"
        " installed it in, and run this cell again."
    )
    return "\n".join(
        [
            "# grade:skip",
            "try:",
            "    %load_ext grader",
            "except ModuleNotFoundError:",
            f"    print({missing!r})",
        ]
    )


def _introduction(title: str, first: Exercise, options: str, repository: str) -> str:
    """The course's title, and how to use the notebook, by the example of its first exercise."""
    grade = f"`%grade {first.number}{options}`"
    steps = [
        _how_to_begin(repository),
        say("Read a statement, and write your answer in the cell below it, at its `# TODO`."),
        say("Run your cell, and then the one below it, {command}. It says what is wrong, on the"
            " smallest input that shows it. Then change your cell, and run both again.",
            command=grade),
    ]  # fmt: skip
    notes = [
        say("What is graded is each cell as it ran last. Imports and functions of your own may"
            " stand in any cell; what only tries things out does not count."),
        say("For a nudge: {hint}. At a command line, the same for the saved file: {command}.",
            hint=f"`%grade_hint {first.number}{options}`",
            command=f"`grade exercise {first.number}{options} --submission FILE`"),
    ]  # fmt: skip
    return "\n".join(
        [
            f"# {inline(title)}",
            "",
            *(f"{number}. {step}" for number, step in enumerate(steps, 1)),
            "",
            *(f"{note}\n" for note in notes),
        ]
    ).rstrip("\n")


def _how_to_begin(repository: str) -> str:
    if repository:
        return say(
            "Run the next cell. Where the grader is missing, it installs it, which takes a minute."
        )
    return say("Run the next cell; the notebook's kernel has to be the Python that `grade` is in.")


def _to_hand_in(title: str) -> str:
    """The course's title, and how to use a notebook that is graded elsewhere."""
    how = say(
        "Read the statement, and write your answer in the cell below it, at its `# TODO`. Imports"
        " and functions of your own may stand in any cell; what only tries things out does not"
        " count. How to hand it in is in the README."
    )
    return f"# {inline(title)}\n\n{how}"


def _cells(
    exercise: Exercise, stub: str, level: str, options: str
) -> Iterator[nbformat.NotebookNode]:
    docstring, code = _parts(translated(exercise, stub))
    heading, text = _heading(exercise, docstring)
    statement = f"{level} {inline(heading)}\n\n{document(text)}"
    name = f"ex{exercise.number:02d}"
    tags = {"tags": [MARK + exercise.stem]}
    yield new_markdown_cell(statement.rstrip("\n"), id=f"{name}-statement")
    yield new_code_cell(code, id=f"{name}-answer", metadata=tags)
    yield new_code_cell(f"%grade {exercise.number}{options}", id=f"{name}-check")


def _parts(stub: str) -> tuple[str, str]:
    """A stub's docstring, and what comes after it."""
    tree = ast.parse(stub)
    docstring = ast.get_docstring(tree)
    if docstring is None:
        return "", stub.strip("\n")
    return docstring, "\n".join(stub.split("\n")[tree.body[0].end_lineno :]).strip("\n")


def _heading(exercise: Exercise, docstring: str) -> tuple[str, str]:
    """The heading of a statement, its first line where that has the title, and the rest."""
    first, _, rest = docstring.partition("\n")
    if exercise.title in first:
        return first.strip(), rest
    heading = say("Exercise {number}. {title}", number=exercise.number, title=exercise.title)
    return heading, docstring
