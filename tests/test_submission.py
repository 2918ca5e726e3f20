"""What a student may hand in, what of it is graded, and what is said where it cannot be."""

import ast
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any, ClassVar

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.errors import UsageError
from grader.submission.text import MAX_BYTES, Submission, find, read

STEM = "ex03_attention_scoring"


def save(folder: Path, *cells: Any) -> Path:
    """A notebook as Jupyter saves it; plain strings become code cells."""
    path = folder / f"{STEM}.ipynb"
    nodes = [new_code_cell(dedent(cell)) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=nodes), path)
    return path


def save_json(folder: Path, content: Any) -> Path:
    """A notebook that no tool would save."""
    path = folder / f"{STEM}.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def graded(folder: Path, *cells: Any) -> dict[str, Any]:
    """The names that a notebook defines when its graded text runs."""
    namespace: dict[str, Any] = {"__name__": "submission"}
    exec(compile(read(save(folder, *cells)).source, "submission", "exec"), namespace)
    return {name: value for name, value in namespace.items() if not name.startswith("__")}


def syntax_error(submission: Submission) -> SyntaxError:
    with pytest.raises(SyntaxError) as caught:
        compile(submission.source, "submission", "exec")
    return caught.value


def refusal(path: Path) -> UsageError:
    """Why `path` is refused, which always fits two lines."""
    with pytest.raises(UsageError) as caught:
        read(path)
    assert caught.value.problem
    assert len(str(caught.value).splitlines()) <= 2
    return caught.value


class TestFind:
    """`find` takes the file that was typed, or says why it is none; `finding` looks in folders."""

    @pytest.mark.parametrize("name", [f"{STEM}.py", f"{STEM}.ipynb", "my own try.py", "TRY.PY"])
    def test_a_file_is_taken_whatever_it_is_called(self, tmp_path: Path, name: str) -> None:
        """Only the ending of a file that is named outright matters."""
        (tmp_path / name).touch()
        assert find(tmp_path / name) == tmp_path / name

    def test_nothing_there(self, tmp_path: Path) -> None:
        """The message repeats the path as it was typed."""
        with pytest.raises(UsageError, match=r"no file or folder .*nowhere\.py"):
            find(tmp_path / "nowhere.py")

    def test_a_file_of_another_kind(self, tmp_path: Path) -> None:
        """A PDF is refused by its name, unread."""
        (tmp_path / "answer.pdf").touch()
        with pytest.raises(UsageError, match="neither a Python file nor a notebook"):
            find(tmp_path / "answer.pdf")


class TestPythonFile:
    """A `.py` is graded as it stands."""

    def test_text_path_and_digest(self, tmp_path: Path) -> None:
        """The digest is that of the bytes on disk, the path the one that was given."""
        path = tmp_path / "try.py"
        path.write_bytes(b"x = 1\r\n")
        submission = read(path)
        assert submission == Submission(path, hashlib.sha256(b"x = 1\r\n").hexdigest(), "x = 1\n")

    @pytest.mark.parametrize(
        "text",
        [
            b"\xef\xbb\xbfx = 1\ndef f(:\n",
            b"x = 1\r\ndef f(:\r\n",
            b"x = 1\rdef f(:",
            b"x = '\x0c \xc2\x85 \xe2\x80\xa8'\ndef f(:",
            b"x = 1\ndef f(:",
            b"\x0cx = 1\n\x0cdef f(:",
        ],
        ids=["BOM", "Windows", "old Mac", "exotic line ends", "no final newline", "form feed"],
    )
    def test_lines_are_counted_as_python_counts_them(self, tmp_path: Path, text: bytes) -> None:
        """A message names the line that an editor shows, whatever wrote the file."""
        path = tmp_path / "try.py"
        path.write_bytes(text)
        submission = read(path)
        assert syntax_error(submission).lineno == 2
        assert submission.where(2) == "line 2"
        assert submission.line(2).strip("\x0c") == "def f(:"

    @pytest.mark.parametrize("text", ["# later", "def f(:", "a = 'é∂'", "{'cells': []}"])
    def test_text_that_does_nothing_useful_is_still_graded(self, tmp_path: Path, text: str) -> None:
        """Comments alone, or a syntax error, are for grading to judge."""
        path = tmp_path / "try.py"
        path.write_text(text, encoding="utf-8")
        assert read(path).source == text

    def test_a_line_that_is_not_there_is_empty(self, tmp_path: Path) -> None:
        """Messages can ask for any line."""
        path = tmp_path / "try.py"
        path.write_text("x = 1")
        assert [read(path).line(n) for n in (-1, 0, 1, 2)] == ["", "", "x = 1", ""]


class TestRefusedFiles:
    """What is no submission gets one clear sentence, and never a traceback."""

    @pytest.mark.parametrize("suffix", [".py", ".ipynb"])
    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"", "is empty"),
            (b" \n\t\r\n", "is empty"),
            (b"\xef\xbb\xbf\n", "is empty"),
            (b"x = '\xe9'", "not UTF-8 text: the byte at offset 5 is 0xe9"),
            (b"\xef\xbb\xbfx = '\xe9'", "offset 8"),
            ("x = 1".encode("utf-16"), "offset 0"),
            (b"x = 1\0", "offset 5 is NUL"),
        ],
        ids=["empty", "blank", "only BOM", "latin-1", "BOM counts", "UTF-16", "NUL"],
    )
    def test_bytes_that_are_no_text(
        self, tmp_path: Path, content: bytes, problem: str, suffix: str
    ) -> None:
        """The message names the file and the place."""
        path = tmp_path / f"try{suffix}"
        path.write_bytes(content)
        error = refusal(path)
        assert error.problem.startswith(str(path))
        assert problem in error.problem
        assert error.advice

    @pytest.mark.parametrize(("suffix", "most"), [(".py", MAX_BYTES), (".ipynb", 64 * MAX_BYTES)])
    def test_too_large(self, tmp_path: Path, suffix: str, most: int) -> None:
        """A notebook may be larger: what it has put out is in it."""
        path = tmp_path / f"try{suffix}"
        path.write_bytes(b"#" * (most + 1))
        error = refusal(path)
        assert f"{most + 1:,} bytes; at most {most:,}" in error.problem
        assert error.advice

    def test_what_a_notebook_has_put_out_does_not_count(self, tmp_path: Path) -> None:
        """Forty plots of a megabyte each, and a screen of code."""
        plot = {"output_type": "display_data", "data": {"image/png": "A" * 1_000_000}}
        cell = {"cell_type": "code", "source": "x = 1", "outputs": [plot] * 40}
        path = save_json(tmp_path, {"nbformat": 4, "cells": [cell]})
        assert path.stat().st_size > 40_000_000
        assert read(path).source == "x = 1\n"

    @pytest.mark.parametrize(
        "encoding",
        ["latin-1", "cp1252", "iso-8859-15", "koi8-r", "gbk", "euc-jp", "utf-8", "ascii"],
    )
    def test_a_declared_encoding_is_that_of_the_file(self, tmp_path: Path, encoding: str) -> None:
        """As Python itself reads it, in the first line or the second."""
        letter = {"koi8-r": "\u0434", "gbk": "\u4e2d", "euc-jp": "\u65e5", "ascii": "e"}.get(
            encoding, "\u00e9"
        )
        for head in ("", "#!/usr/bin/env python3\n"):
            path = tmp_path / "try.py"
            path.write_bytes(
                f"{head}# -*- coding: {encoding} -*-\nx = '{letter}'\n".encode(encoding)
            )
            names: dict[str, Any] = {}
            exec(compile(read(path).source, "try.py", "exec"), names)
            assert names["x"] == letter

    @pytest.mark.parametrize(
        "encoding",
        [
            "no-such-thing",
            "punycode",
            "idna",
            "hex",
            "zlib",
            "rot13",
            "undefined",
            "utf-7",
            "unicode_escape",
        ],
    )
    def test_an_encoding_that_is_none(self, tmp_path: Path, encoding: str) -> None:
        """Of those that Python has, only such as letters are written in."""
        path = tmp_path / "try.py"
        path.write_bytes(f"# coding: {encoding}\nx = 1\n".encode())
        error = refusal(path)
        assert "declares an encoding" in error.problem
        assert "UTF-8" in error.advice

    def test_a_byte_that_the_declared_encoding_lacks(self, tmp_path: Path) -> None:
        """It is told like one that is no UTF-8."""
        path = tmp_path / "try.py"
        path.write_bytes(b"# coding: ascii\nx = '\xe9'\n")
        assert "is not ascii text: the byte at offset 21 is 0xe9" in refusal(path).problem

    def test_exactly_the_largest_size_is_read(self, tmp_path: Path) -> None:
        """One MiB is allowed."""
        path = tmp_path / "try.py"
        path.write_bytes(b"#" * MAX_BYTES)
        assert len(read(path).source) == MAX_BYTES

    def test_a_size_that_would_not_fit_in_memory_is_refused_unread(self, tmp_path: Path) -> None:
        """The size is looked at before the contents."""
        path = tmp_path / "try.py"
        with path.open("wb") as file:
            file.truncate(1 << 40)
        assert "1,099,511,627,776 bytes" in refusal(path).problem

    def test_missing(self, tmp_path: Path) -> None:
        """The message repeats the path."""
        assert str(tmp_path / "try.py") in refusal(tmp_path / "try.py").problem

    def test_folder(self, tmp_path: Path) -> None:
        """A folder may be called anything."""
        (tmp_path / "try.py").mkdir()
        assert "is a folder" in refusal(tmp_path / "try.py").problem

    def test_neither_python_nor_notebook(self, tmp_path: Path) -> None:
        """`read` and `find` agree on what a submission is called."""
        (tmp_path / "try.txt").write_text("x = 1")
        assert "neither" in refusal(tmp_path / "try.txt").problem

    def test_named_pipe(self, tmp_path: Path) -> None:
        """A pipe that nobody writes to does not make the grader wait."""
        os.mkfifo(tmp_path / "try.py")
        assert "not an ordinary file" in refusal(tmp_path / "try.py").problem

    def test_device(self, tmp_path: Path) -> None:
        """An endless device is not read."""
        (tmp_path / "try.py").symlink_to("/dev/zero")
        assert "not an ordinary file" in refusal(tmp_path / "try.py").problem

    def test_a_link_to_itself(self, tmp_path: Path) -> None:
        """What the system says is passed on."""
        (tmp_path / "try.py").symlink_to("try.py")
        assert "cannot be read" in refusal(tmp_path / "try.py").problem

    def test_no_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The advice is the command that mends it."""

        def refuse(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        with monkeypatch.context() as patch:  # root, who runs CI, may read anything
            patch.setattr(os, "open", refuse)
            error = refusal(tmp_path / "try.py")
        assert "may not be read" in error.problem
        assert "chmod u+rX" in error.advice


class TestRefusedNotebooks:
    """A notebook that cannot be graded says what is wrong with it."""

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ('{"nbformat": 4,\n "cells": [', "its JSON breaks at line 2, column 12"),
            ("import torch", "its JSON breaks at line 1, column 1"),
            ("[" * 100_000, "beyond what can be parsed"),
            ('{"nbformat": ' + "4" * 5000 + "}", "beyond what can be parsed"),
            ("[]", "something else"),
            ("null", "something else"),
            ('{"cells": []}', "something else"),
            ('{"nbformat": "4", "cells": []}', "something else"),
            ('{"nbformat": true, "cells": []}', "something else"),
            ('{"nbformat": 4}', "no list of cells"),
            ('{"nbformat": 4, "cells": {}}', "no list of cells"),
            ('{"nbformat": 4, "cells": [7]}', "cell 1 is damaged"),
            (
                '{"nbformat": 4, "cells": [{"cell_type": "code", "source": 7}]}',
                "text of its cell 1",
            ),
            (
                '{"nbformat": 4, "cells": [{"cell_type": "code", "source": [7]}]}',
                "text of its cell",
            ),
            ('{"nbformat": 99, "cells": []}', "a notebook format that cannot be read"),
            ('{"nbformat": 3}', "a notebook format that cannot be read"),
            ('{"nbformat": ' + "4" * 4000 + "}", "a notebook format that cannot be read"),
            ('{"nbformat": -1}', "a notebook format that cannot be read"),
        ],
    )
    def test_json_that_is_no_notebook(self, tmp_path: Path, text: str, problem: str) -> None:
        """Truncated, of another kind, damaged, or of a format that nobody knows."""
        path = tmp_path / "try.ipynb"
        path.write_text(text)
        error = refusal(path)
        assert problem in error.problem
        assert error.advice

    @pytest.mark.parametrize(
        "cells",
        [
            [],
            [new_markdown_cell("# Attention")],
            ["", " \n\t"],
            ["%%bash\npip install torch"],
            [new_code_cell("x = 1", metadata={"tags": ["grade:skip"]})],
        ],
        ids=["no cells", "only text", "blank cells", "only bash", "all skipped"],
    )
    def test_no_code(self, tmp_path: Path, cells: list[Any]) -> None:
        """Text, blank cells, other languages and skipped cells are no code."""
        assert "has no Python code" in refusal(save(tmp_path, *cells)).problem

    @pytest.mark.parametrize("character", ["\0", "\ud83d"])
    def test_characters_that_no_text_has(self, tmp_path: Path, character: str) -> None:
        """JSON can spell a NUL byte or half a character; the message names the cell."""
        cells = [{"cell_type": "code", "source": f"x = '{character}'"}]
        error = refusal(save_json(tmp_path, {"nbformat": 4, "cells": cells}))
        assert f"U+{ord(character):04X} in cell 1" in error.problem

    @pytest.mark.parametrize(
        "code", ["-" * 100_000 + "1", "if x: pass\n" + "elif x: pass\n" * 3000]
    )
    def test_code_nested_too_deeply(self, tmp_path: Path, code: str, within_limits: None) -> None:
        """Code that breaks the parser is refused, and breaks nothing else."""
        assert (
            "too deeply to be parsed, in cell 2" in refusal(save(tmp_path, "a = 1", code)).problem
        )


class TestNotebookFormats:
    """Anything that Jupyter opens is read, and nothing is printed on the way."""

    CELL: ClassVar = {"cell_type": "code", "source": "x = 1\ny = 2"}

    @pytest.mark.parametrize("minor", range(6))
    def test_every_minor_of_format_4(self, tmp_path: Path, minor: int) -> None:
        """Cell ids came with 4.5; none is needed."""
        notebook = {"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": [self.CELL]}
        assert read(save_json(tmp_path, notebook)).source == "x = 1\ny = 2\n"

    @pytest.mark.parametrize("damage", [{}, {"metadata": {}, "language": 7, "collapsed": "?"}])
    def test_format_3_is_upgraded(
        self,
        tmp_path: Path,
        damage: dict[str, Any],
        capfd: pytest.CaptureFixture[str],
        recwarn: pytest.WarningsRecorder,
    ) -> None:
        """The format of 2013, damaged or not, with its headings and its sheets."""
        heading = {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Attention"]}
        code = {"cell_type": "code", "language": "python", "outputs": [], **damage}
        sheets = [
            {"cells": [heading, {**code, "input": ["x = 1\n", "y = 2"]}]},
            {"cells": [{**code, "input": "z = 3"}]},
        ]
        notebook = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": sheets}
        submission = read(save_json(tmp_path, notebook))
        assert submission.source == "x = 1\ny = 2\nz = 3\n"
        assert [submission.where(n) for n in (2, 3)] == ["cell 2, line 2", "cell 3, line 1"]
        assert capfd.readouterr() == ("", "")
        assert not recwarn.list

    @pytest.mark.parametrize(
        "notebook",
        [
            {"nbformat": 4, "cells": [CELL]},
            {"nbformat": 4, "cells": [{**CELL, "source": ["x = 1\n", "y = 2"]}]},
            {"nbformat": 4, "cells": [{**CELL, "source": "x = 1\r\ny = 2"}]},
            {"nbformat": 4, "cells": [{**CELL, "metadata": None, "outputs": 7}]},
            {"nbformat": 4, "cells": [{**CELL, "metadata": {"tags": "grade:skipped"}}]},
            {"nbformat": 4, "cells": [{**CELL, "id": "a"}, {"cell_type": "code", "id": "a"}]},
            {"nbformat": 4, "nbformat_minor": "x", "metadata": [], "cells": [CELL, {}]},
        ],
        ids=["bare", "lines", "Windows", "no metadata", "odd tags", "same id", "odd everything"],
    )
    def test_small_damage_is_forgiven(
        self,
        tmp_path: Path,
        notebook: dict[str, Any],
        capfd: pytest.CaptureFixture[str],
        recwarn: pytest.WarningsRecorder,
    ) -> None:
        """What the code does not depend on may be missing or wrong."""
        assert read(save_json(tmp_path, notebook)).source.strip() == "x = 1\ny = 2"
        assert capfd.readouterr() == ("", "")
        assert not recwarn.list

    def test_code_that_python_warns_of_is_read_in_silence(
        self, tmp_path: Path, recwarn: pytest.WarningsRecorder
    ) -> None:
        """The warning belongs to where the code runs."""
        read(save(tmp_path, r"x = '\d' is 'd'"))
        assert not recwarn.list


class TestWhatIsKept:
    """A notebook is graded by what it defines; what merely tries that out is not run."""

    def test_definitions_of_every_kind(self, tmp_path: Path) -> None:
        """Imports, functions, classes and assignments, in the order of the cells."""
        names = graded(
            tmp_path,
            '"""My attempt."""\nimport math as m\nfrom os import path',
            "a: int = 1\na += 1\nb = c = [a]\nd: str",
            """\
            import functools
            @functools.cache
            def f(x):
                '''Doc.'''
                print("only when called")
                for _ in range(3):
                    x += 1
                return x

            async def g(): await f()
            class C(int):
                assert True
            """,
        )
        assert names.keys() == {"m", "path", "a", "b", "c", "functools", "f", "g", "C"}
        assert (names["a"], names["b"], names["f"](1)) == (2, [2], 4)
        assert names["f"].__doc__ == "Doc."

    @pytest.mark.parametrize(
        "demo",
        [
            "boom()",
            "boom",
            "[boom() for _ in range(3)]",
            "(n := boom())",
            "for x in boom(): pass",
            "while boom(): pass",
            "with boom() as y:\n    z = 1",
            "try:\n    boom()\nexcept ValueError:\n    pass",
            "if __name__ == '__main__':\n    boom()",
            "if True:\n    x = 1\n    boom()",
            "match boom():\n    case 1: pass",
            "del boom",
            "assert boom",
            "raise boom",
            "global keep",
            "await boom()",
            "x = await boom()",
            "x = [y async for y in boom()]",
            "async with boom(): pass",
            "async for x in boom(): pass",
            "boom(\n    1,\n\n    '''two\n'''\n)",
            "boom(1, \\\n    2)",
            "boom();",
        ],
    )
    def test_demonstrations_are_not_run(self, tmp_path: Path, demo: str) -> None:
        """Whatever stands before and after them is kept, and keeps its line."""
        path = save(tmp_path, f"before = 1\n{demo}\nafter = 1 / 0")
        submission = read(path)
        with pytest.raises(ZeroDivisionError) as caught:
            exec(compile(submission.source, "submission", "exec"), {})
        lineno = caught.value.__traceback__.tb_next.tb_lineno
        assert submission.where(lineno) == f"cell 1, line {demo.count(chr(10)) + 3}"
        assert submission.line(lineno) == "after = 1 / 0"

    @pytest.mark.parametrize(
        "line",
        [
            "import math; boom(); x = 1",
            "import math; boom(\n); x = 1",
            "boom(); import math; x = 1; boom()",
            "boom('é∂ℝ'); import math; boom('é'); x = 1  # boom()",
            "import math; \\\n  boom(); x = 1",
            "import math; x = 1;",
        ],
    )
    def test_only_the_demonstration_is_taken_from_a_shared_line(
        self, tmp_path: Path, line: str
    ) -> None:
        """Semicolons put a demonstration and a definition on one line."""
        assert graded(tmp_path, line).keys() == {"math", "x"}

    def test_an_assignment_is_run_whatever_it_calls(self, tmp_path: Path) -> None:
        """`out = f(2)` is an assignment like any other; `grade:skip` is the way out."""
        assert graded(tmp_path, "def f(x): return x + 1", "out = f(2)")["out"] == 3

    def test_a_choice_between_definitions_is_kept(self, tmp_path: Path) -> None:
        """As in a `.py`: which device there is, or which module."""
        names = graded(
            tmp_path,
            """\
            from typing import TYPE_CHECKING
            if TYPE_CHECKING:
                from torch import Tensor
            if 1 > 2:
                device = "cuda"
            elif 2 > 1:
                device = "mps"
            else:
                device = "cpu"
            """,
        )
        assert names == {"TYPE_CHECKING": False, "device": "mps"}

    def test_an_import_with_a_fallback_is_kept(self, tmp_path: Path) -> None:
        """Its handlers may do anything, for they run only where the import fails."""
        names = graded(
            tmp_path,
            """\
            try:
                import no_such_module_anywhere
            except ImportError:
                print("without it, then")
                no_such_module_anywhere = None
            else:
                found = True
            """,
        )
        assert names == {"no_such_module_anywhere": None}

    def test_later_definitions_win(self, tmp_path: Path) -> None:
        """The last attempt is the one that is graded."""
        assert graded(tmp_path, "def f(): return 1", "def f(): return 2")["f"]() == 2

    def test_a_cell_tagged_to_be_skipped_is_left_out(self, tmp_path: Path) -> None:
        """Even one that is no Python at all; the cells after it keep their numbers."""
        skipped = new_code_cell("x = (", metadata={"tags": ["slow", "grade:skip"]})
        assert graded(tmp_path, skipped, "y = 1").keys() == {"y"}
        assert read(tmp_path / f"{STEM}.ipynb").where(1) == "cell 2, line 1"

    @pytest.mark.parametrize(
        "cells",
        [
            ["from __future__ import annotations\ndef f(x: Later): pass"],
            ['"""Doc."""\nfrom __future__ import annotations', "def f(x: Later): pass"],
            ["import os", "%autoreload 2\nfrom __future__ import annotations\ndef f(x: Later): 1"],
            ["from __future__ import (\n    annotations,\n); import os\ndef f(x: Later): pass"],
        ],
    )
    def test_future_imports_work_in_every_cell(self, tmp_path: Path, cells: list[str]) -> None:
        """Python wants them first of all; IPython takes them at the start of any cell."""
        assert graded(tmp_path, *cells)["f"].__annotations__ == {"x": "Later"}

    def test_a_misplaced_future_import_is_an_error_where_it_stands(self, tmp_path: Path) -> None:
        """IPython refuses it too."""
        submission = read(
            save(tmp_path, "x = 1", "import os\nfrom __future__ import annotations\ny = 1")
        )
        lineno = syntax_error(submission).lineno
        assert submission.where(lineno) == "cell 2, line 2"

    def test_a_notebook_means_what_the_same_python_file_means(self, tmp_path: Path) -> None:
        """Byte for byte where there is nothing but definitions."""
        text = dedent(
            '''\
            """Attention."""
            import math

            SCALE = 1 / math.sqrt(4)  # √d


            def f(q, k):
            \tt = """a
              %s ? """
            \treturn q @ k * SCALE
            '''
        )
        (tmp_path / "same.py").write_text(text, encoding="utf-8")
        source = read(save(tmp_path, new_code_cell(text.rstrip("\n")))).source
        assert source == read(tmp_path / "same.py").source


class TestMagics:
    """What only IPython understands is passed over."""

    @pytest.mark.parametrize(
        "line",
        [
            "%matplotlib inline",
            "%timeit boom()",
            "!pip install 'it isn\\'t",
            "!!ls",
            "!pip install \\\n    torch \\\n    numpy",
            "torch?",
            "torch.nn.Linear??",
            "torch.*cat*?",
            "?torch",
            "??torch.nn",
            "files = !ls *.py",
            "a, b = !echo 1 2",
            "now = %timeit boom()",
            "pip install einops",
            "%%time",
        ],
    )
    def test_one_line(self, tmp_path: Path, line: str) -> None:
        """It goes, with the lines that it continues on, and the rest stays in its place."""
        names = graded(tmp_path, f"import math\n{line}\ndef f():\n    return 1 / 0")
        assert names.keys() == {"math", "f"}
        submission = read(tmp_path / f"{STEM}.ipynb")
        last = len(submission.lines)
        assert submission.line(last) == "    return 1 / 0"
        assert submission.where(last) == f"cell 1, line {line.count(chr(10)) + 4}"
        assert ast.parse(submission.source).body[-1].lineno == last - 1

    @pytest.mark.parametrize("magic", ["%timeit boom()", "!ls", "x = !ls", "boom?"])
    def test_the_only_line_of_a_body(self, tmp_path: Path, magic: str) -> None:
        """A function of one magic is a function that does nothing."""
        assert graded(tmp_path, f"def f():\n    {magic}\nx = 1")["f"]() is None

    @pytest.mark.parametrize(
        ("code", "value"),
        [
            ("x = (7\n%4)", 3),
            ("x = 7 \\\n  % 4", 3),
            ("x = '''\n%time\n!ls\nwhat?\n'''", "\n%time\n!ls\nwhat?\n"),
            ('x = f"""{1}\n!ls"""', "1\n!ls"),
            ("x = [  # '''\n  5\n  %2][0]", 1),
            ("x = '%d %%' % 3", "3 %"),
            ("x = 'why?'", "why?"),
            ("x = 3  # isn't it?", 3),
            ("# %time\nx = 3", 3),
            ("x = 5\nx %= 3", 2),
            ("x = 5; y = x != 3; x %= 4", 1),
        ],
    )
    def test_python_that_looks_like_a_magic_is_kept(
        self, tmp_path: Path, code: str, value: object
    ) -> None:
        """Only where a statement begins does a `%`, a `!` or a `?` speak to IPython."""
        assert graded(tmp_path, code)["x"] == value

    @pytest.mark.parametrize("magic", ["bash", "html", "javascript", "writefile f.py", "unknown"])
    def test_a_cell_in_another_language_is_left_out(self, tmp_path: Path, magic: str) -> None:
        """Whatever is in it, and whatever stands above it."""
        assert graded(tmp_path, "a = 1", f"\n%%{magic}\nx = (it's", "b = 2") == {"a": 1, "b": 2}
        assert read(tmp_path / f"{STEM}.ipynb").where(5) == "cell 3, line 1"

    @pytest.mark.parametrize(
        "magic", ["%%time", "%%timeit -n 3", "%%capture out", "%%capture\n%%time"]
    )
    def test_a_python_cell_under_a_cell_magic_is_kept(self, tmp_path: Path, magic: str) -> None:
        """`%%time` only measures what is below it."""
        assert graded(tmp_path, f"{magic}\ndef f(): return 1\nf()").keys() == {"f"}

    def test_another_language_under_a_python_cell_magic(self, tmp_path: Path) -> None:
        """Cell magics stack."""
        assert graded(tmp_path, "x = 1", "%%time\n%%bash\nls -l").keys() == {"x"}

    @pytest.mark.parametrize(
        "code", ["x = %time 1 + 2", "if 1 > 0:\n    x = %time 1 + \\\n      2", "x, = %time [3]"]
    )
    def test_what_is_timed_is_run(self, tmp_path: Path, code: str) -> None:
        """`%time` before a statement changes nothing about what that does."""
        assert graded(tmp_path, code)["x"] == 3

    def test_a_cell_may_be_indented_as_a_whole(self, tmp_path: Path) -> None:
        """A pasted method body runs in IPython, and so it does here."""
        cell = new_code_cell("\n    x = 1\n    def f():\n        return x")
        assert graded(tmp_path, cell)["f"]() == 1
        assert read(tmp_path / f"{STEM}.ipynb").line(2) == "    x = 1"


class TestSyntaxErrors:
    """A syntax error in one cell is graded, and told of where it is."""

    @pytest.mark.parametrize(
        ("code", "line"),
        [
            ("y = 1\ndef f(:\n    pass", 2),
            ("def f():", 1),
            ("y = (1 +", 1),
            ("y = '''open", 1),
            ("y = 1\n'open", 2),
            ("y = 1 \\", 1),
            ("@property", 1),
            ("for i in range(3):", 1),
            ("%matplotlib inline\ny = = 1\n!ls", 2),
            ("y = (1]\n%time\n", 1),
            ("print 'hello'", 1),
            ("y = 1\n    z = 2", 2),
            ("y = 1\n\nz = 2 ?", 3),
        ],
    )
    def test_the_message_names_cell_and_line(self, tmp_path: Path, code: str, line: int) -> None:
        """Whatever the cells around it hold: even what would close an open bracket or string."""
        path = save(
            tmp_path,
            new_markdown_cell("Attention"),
            "def g():\n    return 1",
            new_code_cell(code),
            "    1)\n'''",
        )
        submission = read(path)
        lineno = syntax_error(submission).lineno
        assert submission.where(lineno) == f"cell 3, line {line}"
        assert submission.line(lineno) == code.split("\n")[line - 1]

    def test_an_error_that_parsing_does_not_find(self, tmp_path: Path) -> None:
        """Python finds these when it compiles: the text that is graded still has them."""
        submission = read(save(tmp_path, "x = 1", "y = 1\nreturn y", "z = 1"))
        assert submission.where(syntax_error(submission).lineno) == "cell 2, line 2"

    def test_a_line_out_of_range_is_told_as_the_nearest(self, tmp_path: Path) -> None:
        """Python counts the end of a text as a line of its own."""
        submission = read(save(tmp_path, "x = 1", "y = 2\nz = 3"))
        assert submission.where(0) == "cell 1, line 1"
        assert submission.where(99) == "cell 2, line 2"
        assert submission.line(99) == ""


class TestCost:
    """A command that reads no notebook does not pay for one."""

    def test_importing_the_module_imports_neither_torch_nor_nbformat(self) -> None:
        """`grade list` and a `.py` pay for neither."""
        program = (
            "import sys, grader.submission.text;"
            "sys.exit(any(name in sys.modules for name in ('torch', 'nbformat')))"
        )
        assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_line_of_a_python_file_is_that_line(tmp_path):
    """What is graded of a .py file has the lines of the file; there are none beyond its end."""
    path = tmp_path / "a.py"
    path.write_text("x = 1\n\ndef f():\n    pass\n")
    found = read(path)
    assert found.in_file(3) == 3
    assert found.in_file(0) is found.in_file(-1) is found.in_file(99) is None


def test_the_last_definition_counts(tmp_path):
    """A function that is defined anew is looked for where Python finds it."""
    path = tmp_path / "a.py"
    path.write_text("def f():\n    pass\n\n@decorated\ndef f():\n    pass\n\ng = f\n")
    found = read(path)
    assert found.definition("f") == 5
    assert found.definition("g") is None
    path.write_text("def f(:\n")
    assert read(path).definition("f") is None
