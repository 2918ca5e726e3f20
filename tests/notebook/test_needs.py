# ruff: noqa: E501 - a cell is a row of the tables
"""Which statements of a notebook an answer is made of, by what they do and not by their form.

Each row of `GIVES` makes a value of the name T in some way; the same text as a Python file gives the
value that is right. Each row of `SHOW` only tries something out, and would fail if it were run.
"""

import contextlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_raw_cell

from grader.course import model as course
from grader.errors import UsageError
from grader.judge.grading import grade
from grader.submission import text as submission
from grader.submission.notebook.cells import Cell, Kind, code_cell
from grader.submission.notebook.program import Program, program

SCORING = course.load(course.bundled()).exercise("attention_scoring")
NOTEBOOK = Path("attempt.ipynb")
USE = "def attention_scores(q, k): return T\ndef attention(q, k, v): return T"

GIVES = {
    "if with print": [
        "import torch\nif torch.cuda.is_available():\n    T = 'cuda'; print('GPU')\nelse:\n    T = 'cpu'; print('CPU')"
    ],
    "try with print": [
        "try:\n    import nowhere; print('there')\n    T = 1\nexcept ImportError:\n    T = 2"
    ],
    "for fills dict": ["T = {}", "for d in range(4):\n    T[d] = d * d\n    print(d)"],
    "for append": ["T = []\nfor d in range(4):\n    T.append(d)"],
    "while": ["T = []\nn = 3\nwhile n:\n    T.append(n)\n    n -= 1"],
    "while break": [
        "T = []\nwhile True:\n    T.append(1)\n    if len(T) > 3:\n        break\n    print('x')"
    ],
    "for else": ["for i in range(3):\n    pass\nelse:\n    T = 5"],
    "for target": ["for T in range(3): print(T)"],
    "extend": ["T = [1]\nT.extend([2, 3])"],
    "no_grad": ["import torch\nwith torch.no_grad():\n    T = 4\n    print(boom if False else 1)"],
    "with as": ["import io\nwith io.StringIO('ab') as f:\n    T = f.read()"],
    "match": [
        "x = 3\nmatch x:\n    case 3:\n        T = 'three'; print(T)\n    case _:\n        T = 'other'"
    ],
    "match capture": ["match [1, 2]:\n    case [a, T]: pass"],
    "walrus": ["(T := 5)"],
    "walrus in print": ["print(T := 5)"],
    "walrus in if": ["if (T := 6) > 3: print('yes')"],
    "setattr": ["class C: pass\nT = C()\nsetattr(T, 'd', 4)\nT = T.d"],
    "setattr late": ["class C: pass\nc = C()\nsetattr(c, 'd', 4)\nT = c.d"],
    "global by setup": ["def setup():\n    global T\n    T = 7", "setup()"],
    "global nested": [
        "def inner():\n    global T\n    T = 7\ndef setup(): inner()",
        "if True:\n    setup()\n    print('ok')",
    ],
    "decorator registers": [
        "R = {}\ndef reg(f):\n    R[f.__name__] = f\n    return f",
        "@reg\ndef gelu(x): return x + 1",
        "T = sorted(R)",
    ],
    "decorator with args": [
        "R = {}\ndef reg(n):\n    def inner(f):\n        R[n] = f\n        return f\n    return inner",
        "@reg('a')\ndef _(x): return 1",
        "T = len(R)",
    ],
    "decorator into a class": [
        "class C: pass",
        "def into(cls):\n    def inner(f):\n        setattr(cls, f.__name__, f)\n        return f\n    return inner",
        "@into(C)\ndef four(self): return 4",
        "T = C().four()",
    ],
    "decorator of a library into a class": [
        "class C: pass\nimport types\ntools = types.SimpleNamespace()",
        "def put(Class):\n    return lambda f: setattr(Class, f.__name__, f)\ntools.add_to_class = put",
        "@tools.add_to_class(C)\ndef four(self): return 4",
        "T = C().four()",
    ],
    "patched by annotation": [
        "class C: pass",
        "def patch(f):\n    setattr(f.__annotations__['self'], f.__name__, f)",
        "@patch\ndef four(self: C): return 4",
        "T = C().four()",
    ],
    "decorator of object": [
        "class Reg:\n    def __init__(self): self.all = []\n    def __call__(self, f): self.all.append(f.__name__); return f\nreg = Reg()",
        "@reg\ndef a(): pass",
        "T = reg.all",
    ],
    "method decorator": [
        "class Reg:\n    def __init__(self): self.all = []\n    def add(self, f): self.all.append(f.__name__); return f\nreg = Reg()",
        "@reg.add\ndef a(): pass",
        "T = reg.all",
    ],
    "subclass registers": [
        "class B:\n    known = []\n    def __init_subclass__(cls): B.known.append(cls.__name__)",
        "class A(B): pass",
        "T = B.known",
    ],
    "metaclass": [
        "K = []\nclass M(type):\n    def __init__(cls, *a): K.append(cls.__name__)\nclass B(metaclass=M): pass",
        "class A(B): pass",
        "T = K",
    ],
    "fill(T) own": ["def fill(t, n):\n    for i in range(n): t.append(i)", "T = []", "fill(T, 3)"],
    "fill kw": ["def fill(n, into):\n    into += [n]", "T = []", "fill(3, into=T)"],
    "fill twice removed": ["def put(t): t.append(1)\ndef fill(t): put(t)", "T = []", "fill(T)"],
    "shuffle": ["import random\nT = [1]*5\nT[0] = 1\nrandom.shuffle(T)"],
    "init_": ["import torch\nT = torch.zeros(2)\ntorch.nn.init.ones_(T)\nT = T.tolist()"],
    "np fill": ["import numpy as np\nM = np.zeros((2, 2))\nnp.fill_diagonal(M, 3)\nT = M.tolist()"],
    "out=": [
        "import torch\nM = torch.zeros(2)\ntorch.add(torch.ones(2), 1, out=M)\nT = M.tolist()"
    ],
    "heappush": ["import heapq\nT = []\nheapq.heappush(T, 3)"],
    "alias": ["T = []\na = T\na.append(1)"],
    "rows": ["T = [[0, 0], [0, 0]]\nfor i, row in enumerate(T):\n    row[i] = 1"],
    "view": ["import torch\nM = torch.zeros(2, 2)\nM.view(-1)[3] = 1\nT = M.tolist()"],
    "view named": [
        "import torch\nM = torch.zeros(2, 2)\nflat = M.view(-1)\nflat[3] = 1\nT = M.tolist()"
    ],
    "optimizer": [
        "import torch\nw = torch.nn.Parameter(torch.ones(2))\nopt = torch.optim.SGD([w], lr=1.0)\nfor _ in range(2):\n    loss = w.sum()\n    opt.zero_grad()\n    loss.backward()\n    opt.step()\n    print(loss)\nT = w.tolist()"
    ],
    "params loop": [
        "import torch\nm = torch.nn.Linear(2, 1)\nwith torch.no_grad():\n    for p in m.parameters():\n        p.fill_(2)\nT = m.bias.tolist()"
    ],
    "del sum": ["sum = 3", "del sum", "T = sum([1, 2])"],
    "del item": ["T = {1: 1, 2: 2}\ndel T[1]"],
    "exec": ["exec('T = 9')"],
    "globals": ["globals()['T'] = 9"],
    "globals update": ["globals().update(T=9)"],
    "globals in a loop": ["for name, value in [('T', 9), ('S', 1)]:\n    globals()[name] = value"],
    "exec in a loop": ["for name in 'ST':\n    exec(f'{name} = 9')"],
    "globals in a branch": [
        "if True:\n    with open(__file__) if False else __import__('contextlib').nullcontext():\n        globals()['T'] = 9"
    ],
    "update": ["T = {}\nT.update(a=1)"],
    "sort": ["T = [2, 1]\nT.sort()"],
    "pop in print": ["T = [2, 1]\nprint(T.pop())"],
    "augmented": ["T = 1\nT += 3"],
    "loop augmented": ["T = 0\nfor i in range(4): T += i"],
    "list comp effect": ["T = []\n[T.append(i) for i in range(3)]"],
    "conditional call": ["T = []\nTrue and T.append(1)"],
    "tuple unpack loop": ["T = {}\nfor k, v in [('a', 1)]: T[k] = v"],
    "zip": ["A, B = [[]], [1]\nfor a, b in zip(A, B): a.append(b)\nT = A"],
    "attr chain": ["class C: pass\nc = C(); c.t = []\nc.t.append(1)\nT = c.t"],
    "function attribute": ["def f(): return f.n\nf.n = 3\nT = f()"],
    "monkeypatch class": ["class C: pass\nC.f = lambda self: 3\nT = C().f()"],
    "nested with if": [
        "import contextlib\nwith contextlib.nullcontext():\n    if True:\n        T = 1\n    else:\n        T = 2\n    print(T)"
    ],
    "elif": ["x = 2\nif x == 1:\n    print(1)\nelif x == 2:\n    T = 'two'\nelse:\n    print(3)"],
    "elif print": [
        "x = 2\nif x == 1:\n    T = 3\nelif x == 2:\n    print(1)\nelse:\n    T = 4\nif x == 2: T = 5"
    ],
    "try always": ["try:\n    undefined_name\n    T = 1\nexcept NameError:\n    T = 2"],
    "suppress": [
        "import contextlib\nT = 0\nwith contextlib.suppress(NameError):\n    undefined_name\n    T = 1"
    ],
    "init class global": [
        "N = 0\nclass C:\n    def __init__(self):\n        global N\n        N += 1\nC()\nT = N"
    ],
    "class method global": [
        "N = []\nclass C:\n    def go(self): N.append(1)\nc = C()\nc.go()\nT = N"
    ],
    "generator next": ["g = iter([1, 2, 3])\nnext(g)\nT = next(g)"],
    "setdefault": ["T = {}\nT.setdefault('a', 3)"],
    "async def": ["async def f(): return 3\nimport asyncio\nT = 4"],
    "seeded": ["import random\nrandom.seed(3)\nT = random.random()"],
    "import dotted": ["import xml.dom\nimport xml.sax\nT = xml.dom.__name__ + xml.sax.__name__"],
    "lambda registry": [
        "R = []\nreg = lambda f: R.append(f) or f\n@reg\ndef g(): pass\nT = len(R)"
    ],
    "dataclass": [
        "import dataclasses\n@dataclasses.dataclass\nclass C:\n    x: int = 3\nT = C().x"
    ],
    "star": ["from math import *\nT = floor(2.5)"],
    "type alias": ["from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\nT = P(1).x"],
    "one line for": ["T = []\nfor i in range(3): T.append(i); print(i)"],
    "nested def in if": ["if True:\n    def make(): return 3\n    print('x')\nT = make()"],
    "later fill": ["T = []", "helper = T", USE, "for i in range(2): helper.append(i)"],
    "sub-loop print only": [
        "T = []\nfor i in range(2):\n    for j in range(2):\n        print(i, j)\n    T.append(i)"
    ],
    "%time": ["T = []\n%time T.append(3)"],
    "itertools": [
        "import itertools\nc = itertools.count()\nfor _ in range(3): next(c)\nT = next(c)"
    ],
    "chained": ["x = T = [1]\nx.append(2)"],
    "lru": ["import functools\n@functools.lru_cache\ndef f(n): return n\nT = f(3)"],
    "os.environ": ["import os\nos.environ['X_GRADE'] = '3'\nT = os.environ.get('X_GRADE')"],
    "register_buffer": [
        "import torch\nm = torch.nn.Module()\nm.register_buffer('t', torch.ones(1))\nT = m.t.item()"
    ],
    "custom method": [
        "class V:\n    def __init__(self): self.w = {}\n    def learn(self, x): self.w[x] = 1; return self.w\nv = V()\nout = v.learn('a')\nT = v.w"
    ],
    "two-step method": [
        "class V:\n    def __init__(self): self.w = {}\n    def put(self, x): self.w[x] = 1\n    def learn(self, x): self.put(x)\nv = V()\nfor c in 'ab': v.learn(c)\nT = v.w"
    ],
}
SHOW = {
    "print": "print(T)",
    "call": "attention(boom, boom, T)",
    "plot": "import nowhere as plt\nplt.plot(T)",
    "assert": "assert attention(1, 2, T) is boom",
    "loop": "for i in range(3):\n    print(boom)",
    "test fn": "def check():\n    assert boom\ncheck()",
    "assigned": "out = attention(boom, 1, T)",
    "forbidden": "import torch\nexpected = torch.nn.functional.scaled_dot_product_attention(boom, T, T)\nexpected.sum().backward()",
    "allclose": "import torch\ntorch.testing.assert_close(attention(boom, 1, T), T)",
    "timeit": "import time\nfor _ in range(3):\n    t = time.time(); attention(boom, 1, T)",
    "display": "display(T)",
    "shape": "T.shape",
    "raise": "raise SystemExit",
    "del": "del T",
    "seaborn": "import nowhere as sns\nsns.heatmap(T)",
    "own plot": "def show(m):\n    import nowhere\n    nowhere.imshow(m)\nshow(T)",
    "torch.set_default_dtype": "import torch\ntorch.set_default_dtype(boom)",
    "main": "if __name__ == '__main__':\n    attention(boom, 1, T)",
    "with no_grad": "import torch\nwith torch.no_grad():\n    out = attention(boom, 1, T)\n    print(out)",
    "train": "def train():\n    for _ in range(3):\n        attention(boom, 1, T)\ntrain()",
    "try": "try:\n    print(attention(boom, 1, T))\nexcept KeyError:\n    print('no')",
    "memo": "attention_scores(boom, 2)",
    "grad": "out = attention(boom, boom, T)\nout.sum().backward()\nprint(boom.grad)",
    "enumerate": "for i, row in enumerate(T):\n    print(boom, row)",
    "pd": "import nowhere as pd\ndf = pd.DataFrame(T)\ndf.describe()",
}


def cells(sources: list[str]) -> list[Cell]:
    return [code_cell(NOTEBOOK, str(number), each) for number, each in enumerate(sources, 1)]


def run(text: str, into: dict[str, Any]) -> dict[str, Any]:
    """The names that a text gives a value."""
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, "submission", "exec"), into)
    return into


@pytest.mark.parametrize("row", GIVES)
def test_a_value_is_what_the_same_text_makes_it_as_a_file(row: str) -> None:
    """Whatever gives or changes a name that the answer needs is run, in its order."""
    sources = GIVES[row] if USE in GIVES[row] else [*GIVES[row], USE]
    as_file = run("\n".join(sources).replace("%time ", ""), {"__name__": "submission"})
    found = program(NOTEBOOK, cells(sources), SCORING)
    text, places = found.source, found.lines
    as_notebook = run(text, {"__name__": "submission"})
    expected = as_file["attention"](0, 0, 0)
    assert as_notebook["attention"](0, 0, 0) == expected
    assert expected not in ([], {}, None)
    assert len(text.splitlines()) == len(places)


@pytest.mark.parametrize("fill", ["T = [1]", "T = [1]\nT.append(2)"])
@pytest.mark.parametrize("row", SHOW)
def test_what_is_for_show_is_not_run(row: str, fill: str) -> None:
    """It may need what is not there, or what is forbidden, and costs nothing."""
    for order in ([fill, USE, SHOW[row]], [fill, SHOW[row], USE]):
        text = program(NOTEBOOK, cells(order), SCORING).source
        assert run(text, {"__name__": "submission"})["attention"](0, 0, 0) in ([1], [1, 2])
        assert "scaled_dot_product_attention" not in text


def found(*sources: str | tuple[str, str]) -> Program:
    """The answer in these cells, code but where a pair says another kind."""
    given = []
    for number, each in enumerate(sources, 1):
        kind, text = each if isinstance(each, tuple) else ("code", each)
        cell = code_cell(NOTEBOOK, str(number), text)
        given.append(replace(cell, kind=Kind(kind)))
    return program(NOTEBOOK, given, SCORING)


class TestWhatIsTold:
    """What was not run is known, so that an error that comes of it can name it."""

    FILL = "get_ipython().user_ns.update(T=1)"

    def test_what_was_left_out_is_told_by_its_lines(self) -> None:
        told = found(
            "T = 0", USE, f"x = 1\n{self.FILL}\nprint(T)\nfor i in [T]:\n    pass"
        ).left_out
        places = {each.place: each for each in told if "T" in each.names}
        assert {"cell 3, line 2", "cell 3, line 3", "cell 3, lines 4 to 5"} <= places.keys()
        assert places["cell 3, line 2"].gives
        assert not places["cell 3, line 3"].gives

    def test_an_earlier_attempt_is_nothing_that_was_left_out(self) -> None:
        told = found(USE.replace("T", "U"), USE, "T = 1").left_out
        assert all(not each.names for each in told)

    @pytest.mark.parametrize("mark", ["# grade:keep", "#grade: keep\n# more"])
    def test_a_cell_can_be_kept_whole(self, mark: str) -> None:
        text = found(USE, f"{mark}\nN = 3\nglobals()[chr(84)] = N\nprint(N)").source
        assert run(text, {"__name__": "submission"})["attention"](0, 0, 0) == 3
        assert "print(N)" in text

    @pytest.mark.parametrize("cell", [f"%%writefile a.py\n{USE}", f"%%script python\n{USE}"])
    def test_an_answer_under_a_cell_magic(self, cell: str) -> None:
        elsewhere = dict(found("x = 1", cell).elsewhere)
        assert elsewhere.keys() == {"attention_scores", "attention"}
        assert "Cell 2 holds `attention`, but begins with `%%" in elsewhere["attention"]
        assert "delete that line" in elsewhere["attention"]

    @pytest.mark.parametrize("kind", ["raw", "markdown"])
    def test_an_answer_in_a_text_cell(self, kind: str) -> None:
        elsewhere = dict(found("x = 1", (kind, USE)).elsewhere)
        assert "make it a Code cell" in elsewhere["attention"]

    def test_an_answer_in_a_cell_that_is_skipped(self) -> None:
        elsewhere = dict(found("x = 1", f"# grade:skip\n{USE}").elsewhere)
        assert "take the tag away" in elsewhere["attention_scores"]

    def test_what_is_defined_is_nowhere_else(self) -> None:
        assert found(USE, ("raw", USE), f"%%writefile a.py\n{USE}", "T = 1").elsewhere == ()

    def test_a_notebook_without_code_says_where_it_is(self) -> None:
        with pytest.raises(UsageError, match="no Python code") as caught:
            found(("markdown", USE))
        assert "Cell 1 defines `attention_scores`" in caught.value.advice


@pytest.mark.slow
def test_a_student_reads_what_was_not_run(tmp_path: Path, forkserver: Any) -> None:
    """In the report, beside Python's own words, with what to do."""
    cases = {
        TestWhatIsTold.FILL: ("name 'T' is not defined", "cell 2, line 1", "# grade:keep"),
        "%%writefile a.py\n" + USE.replace("attention_scores", "other"): ("name 'T'",),
    }
    for cell, words in cases.items():
        path = tmp_path / "a.ipynb"
        path.write_text(
            nbformat.writes(new_notebook(cells=[new_code_cell(USE), new_code_cell(cell)]))
        )
        report = grade(
            SCORING, submission.read(path), forkserver=forkserver, device="cpu", speed=False
        )
        message = " ".join(" ".join(each.message or "" for each in report.properties).split())
        assert report.score == 0
        assert all(word in message for word in words)
    path.write_text(nbformat.writes(new_notebook(cells=[
        new_code_cell("x = 1"), new_raw_cell(USE)])))  # fmt: skip
    report = grade(SCORING, submission.read(path), forkserver=forkserver, device="cpu", speed=False)
    message = " ".join(" ".join(each.message or "" for each in report.properties).split())
    assert "Your file has no function `attention_scores`" in message
    assert "Cell 2 defines `attention_scores`, but it is a text cell" in message
