"""Forbidden names in source: every ordinary way to one is seen, and right code is left alone."""

import ast
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from grader.submission.policy import Violation, detour_reason, usual_reason, violations

FORBIDDEN = [
    "torch.nn.LSTM*",
    "torch.nn.utils.clip_grad_norm_",
    "torch.nn.attention",
    "torch.nn.functional.conv2d",
    "torch.linalg.vector_norm",
    "aten::*lstm*",
    "aten::scaled_dot_product_attention",
    "quantized::linear",
]
SDPA = "torch.nn.functional.scaled_dot_product_attention"

# Each uses the name given, on its last line.
FOUND = {
    "the full name": ("import torch\ntorch.nn.LSTMCell(1, 2)", "torch.nn.LSTMCell"),
    "import as": ("import torch.nn as nn\nnn.LSTM", "torch.nn.LSTM"),
    "from torch import nn": ("from torch import nn\nnn.LSTM", "torch.nn.LSTM"),
    "from import as": ("from torch.nn import LSTMCell as L\nL(1, 2)", "torch.nn.LSTMCell"),
    "a submodule's import": ("import torch.nn.functional\ntorch.nn.functional.conv2d", None),
    "a local import": ("def f(x):\n  import torch.nn as m\n  return m.LSTM(x)", "torch.nn.LSTM"),
    "a star import": ("from torch.nn.functional import *\nconv2d(1)", None),
    "an earlier star": ("from torch.nn import *\nfrom torch import *\nLSTM(1)", "torch.nn.LSTM"),
    "a module from a star": ("from torch import *\nnn.LSTM(1)", "torch.nn.LSTM"),
    "a subclass": ("from torch import nn\nclass Mine(nn.LSTM): pass", "torch.nn.LSTM"),
    "a method": ("import torch\ntorch.nn.LSTM.forward(1)", "torch.nn.LSTM"),
    "a module above": (
        "from torch.nn.attention import sdpa_kernel as s\ns()",
        "torch.nn.attention",
    ),
    "a default": ("import torch\ndef f(cell=torch.nn.LSTM): pass", "torch.nn.LSTM"),
    "a module's alias": ("import torch\nm = torch.nn; m.LSTM(1)", "torch.nn.LSTM"),
    "aliases in a tuple": (
        "import torch\nt, (m, n) = torch, (1, torch.nn); n.LSTM",
        "torch.nn.LSTM",
    ),
    "an alias by walrus": (
        "import torch\nprint([m for _ in '1' if (m := torch.nn)], m.LSTM)",
        "torch.nn.LSTM",
    ),
    "an alias of an alias": ("import torch as a\nb = a; c = b.nn; d = c; d.LSTM", "torch.nn.LSTM"),
    "a global alias": ("def f():\n  global m\n  import torch.nn as m\nm.LSTM", "torch.nn.LSTM"),
    "a nonlocal alias": (
        "def g():\n  import torch.nn as m\n  def h():\n    nonlocal m\n    m.LSTM",
        "torch.nn.LSTM",
    ),
    "getattr": ("import torch\ngetattr(torch.nn, 'LSTM')", "torch.nn.LSTM"),
    "getattr with a default": ("import torch\ngetattr(torch.nn, 'LSTM', None)", "torch.nn.LSTM"),
    "a joined string": ("import torch\ngetattr(torch.nn, 'LS' + 'T' + 'M')", "torch.nn.LSTM"),
    "an f-string": ("import torch\nn = 'TM'; getattr(torch.nn, f'LS{n}')", "torch.nn.LSTM"),
    "__getattribute__": ("import torch\ntorch.nn.__getattribute__('LSTM')", "torch.nn.LSTM"),
    "vars": ("import torch\nvars(torch.nn)['LSTM']", "torch.nn.LSTM"),
    "__dict__": ("import torch\ntorch.nn.__dict__['LSTM']", "torch.nn.LSTM"),
    "__dict__.get": ("import torch\ntorch.nn.__dict__.get('LSTM')", "torch.nn.LSTM"),
    "attrgetter": (
        "from operator import attrgetter as a\nimport torch\na('nn.LSTM')(torch)",
        "torch.nn.LSTM",
    ),
    "import_module": ("import importlib as i\ni.import_module('torch.nn').LSTM", "torch.nn.LSTM"),
    "__import__": ("__import__('torch.nn').nn.LSTM", "torch.nn.LSTM"),
    "__import__ with a list": ("__import__('torch.nn', fromlist=['x']).LSTM", "torch.nn.LSTM"),
    "sys.modules": ("import sys\nsys.modules['torch'].nn.LSTM", "torch.nn.LSTM"),
    "sys.modules.get": ("import sys\nsys.modules.get('torch').nn.LSTM", "torch.nn.LSTM"),
    # Other addresses of the same thing.
    "a class's home": ("import torch\ntorch.nn.modules.rnn.LSTM(1)", "torch.nn.modules.rnn.LSTM"),
    "a class of torch.ao": (
        "import torch\ntorch.ao.nn.quantizable.LSTMCell(1)",
        "torch.ao.nn.quantizable.LSTMCell",
    ),
    "a utility's home": (
        "from torch.nn.utils.clip_grad import clip_grad_norm_\nclip_grad_norm_([])",
        "torch.nn.utils.clip_grad.clip_grad_norm_",
    ),
    "an operator of F": (
        "import torch.nn.functional as F\nF.scaled_dot_product_attention(1)",
        SDPA,
    ),
    "an operator in C": ("import torch\ntorch._C._nn.conv2d(1)", "torch._C._nn.conv2d"),
    "torch._VF": ("from torch import _VF\n_VF.lstm(1)", "torch._VF.lstm"),
    "a variable function": (
        "import torch\ntorch._C._VariableFunctions.lstm_cell",
        "torch._C._VariableFunctions.lstm_cell",
    ),
    "torch.ops": ("import torch\ntorch.ops.aten.lstm_cell.default(1)", "torch.ops.aten.lstm_cell"),
    "another namespace": ("import torch\ntorch.ops.quantized.linear", "torch.ops.quantized.linear"),
    "a pattern": ("import torch\ntorch.ops.aten._thnn_fused_lstm_cell", None),
    "a decomposition": ("import torch._decomp.decompositions as d\nd.lstm_impl", None),
    "linalg": ("import torch\ntorch.linalg.vector_norm(1)", "torch.linalg.vector_norm"),
    "linalg as an operator": ("import torch\ntorch.ops.aten.linalg_vector_norm(1)", None),
}
# Each goes around the names by the way given, on its last line.
DETOURS = {
    "ctypes": ("import ctypes\nctypes.CDLL('libtorch_cpu.so')", "ctypes"),
    "ctypes by another name": ("from ctypes import CDLL as open\nopen(None)", "ctypes"),
    "ctypes in a container": ("import ctypes as c\nprint([c])", "ctypes"),
    "ctypes.util": ("import ctypes.util\nctypes.util.find_library('torch')", "ctypes"),
    "_ctypes": ("import _ctypes\n_ctypes.dlopen('x')", "_ctypes"),
    "ctypes of torch": ("import torch\ntorch._ops.ctypes.CDLL(None)", "torch._ops.ctypes"),
    "ctypes by name": ("__import__('cty' + 'pes').CDLL(None)", "ctypes"),
    "ctypes of sys.modules": ("import sys\nsys.modules['ctypes'].pythonapi", "ctypes"),
    "ctypes from a star": ("from ctypes import *\nCDLL(None)", "ctypes"),
    "marshal": ("import marshal\nmarshal.loads(b'')", "marshal"),
    "a file's spec": (
        "from importlib import util\nutil.spec_from_file_location('a', b)",
        "importlib.util.spec_from_file_location",
    ),
    "a spec's module": (
        "import importlib.util as u\nu.module_from_spec(u.find_spec('torch.nn'))",
        "importlib.util.module_from_spec",
    ),
    "a loader": (
        "from importlib.machinery import *\nSourceFileLoader('a', b).load_module()",
        "importlib.machinery.SourceFileLoader",
    ),
    "the import machine": (
        "import importlib as i\ni._bootstrap_external.SourceFileLoader('a', b)",
        "importlib._bootstrap_external",
    ),
    "runpy": ("import runpy\nrunpy.run_path(a)", "runpy"),
    "linecache": ("import linecache as l\nl.getlines(a)", "linecache"),
    "torch's loader": (
        "import torch\ntorch.nn.functional.__loader__.get_source('torch.nn.functional')",
        "torch.nn.functional.__loader__",
    ),
    "torch's spec": ("import torch\ntorch.__spec__.loader", "torch.__spec__"),
    "torch's source": ("import inspect, torch\ninspect.getsource(torch.nn)", "inspect.getsource"),
    "a function's source": (
        "from inspect import getsource as g\nimport torch.nn.functional as F\ng(F.relu)",
        "inspect.getsource",
    ),
    "torch loaded anew": ("import importlib, torch\nimportlib.reload(torch)", "importlib.reload"),
    "torch's file": ("import torch\nopen(torch.__file__).read()", "builtins.open"),
    "a path of torch's": (
        "import os, torch\np = os.path.join(os.path.dirname(torch.__file__), 'nn')\nopen(p + 'x')",
        "builtins.open",
    ),
    "torch's folder": (
        "from pathlib import Path\nimport torch.nn as nn\nPath(nn.__path__[0]).glob('*')",
        "pathlib.Path",
    ),
}

# None of these uses a forbidden name.
RIGHT = {
    "an import that nothing uses": "from torch.nn import LSTM\nfrom torch.nn.functional import *",
    "an annotation": """\
        from torch import nn
        cell: nn.LSTMCell
        def f(cell: nn.LSTMCell, *args: nn.LSTM) -> nn.LSTM: ...
        """,
    "text, comments and docstrings": '''\
        """Do not call torch.nn.LSTM."""
        import torch
        torch.nn  # .LSTM
        print("torch.nn.LSTM", f"{torch}.nn.LSTM")
        ''',
    "a self-check that grading does not run": """\
        import torch
        if __name__ == "__main__":
            print(torch.nn.LSTM(1, 2))
        """,
    "namesakes of the student's own": """\
        from torch.nn.functional import *
        from torch.nn import *
        import torch
        def conv2d(x): return x
        class LSTM(torch.nn.Module):
            def __init__(self):
                self.lstm = LSTMCell = conv2d
            def lstm_cell(self): return self.lstm, self.lstm_cell, conv2d(1)
        LSTM().lstm_cell()
        """,
    "neighbours": """\
        import torch, torch.nn.functional as F
        torch.nn.GRU, torch.nn.utils.clip_grad_value_, F.conv1d, torch.linalg.norm, F.softmax
        torch.norm(1), torch.nn.Linear(1, 2), torch.ops.aten.linear, torch.ops.quantized.add
        """,
    "a parameter that shadows": "import torch\ndef f(torch, *nn): torch.nn.LSTM, nn.LSTM",
    "a lambda's parameter": "import torch\nlambda torch: torch.nn.LSTM",
    "a local that shadows": "import torch\ndef f():\n  torch = thing()\n  return torch.nn.LSTM",
    "a loop, with and except that shadow": """\
        from torch import nn as a, nn as b, nn as c
        for a in []: a.LSTM
        with open("") as b: b.LSTM
        try: pass
        except Exception as c: c.LSTM
        """,
    "a comprehension that shadows": "from torch import nn\n[nn.LSTM for nn in [] if nn.LSTM]",
    "a match that shadows": """\
        from torch import nn as a, nn as b, nn as c
        match 1:
            case [a, *b]: a.LSTM, b.LSTM
            case {"x": 1, **c}: c.LSTM
        """,
    "two meanings": """\
        import torch
        try: from torch import nn
        except ImportError: nn = None
        nn.LSTM
        """,
    "a class's own namespace": "class A:\n  from torch import nn\n  def f(self): return nn.LSTM",
    "another library": "import jax.nn as nn\nfrom . import torch\nnn.LSTM, torch.nn.LSTM",
    "a question": "import torch\nhasattr(torch.nn, 'LSTM')",
    "ways around that nobody takes": """\
        import ctypes, marshal, linecache, inspect, importlib.util, os, torch
        from ctypes import CDLL
        print(torch.__file__, f"torch in {os.path.dirname(torch.__file__)}")
        inspect.signature(torch.relu), inspect.getsource(print), importlib.util.find_spec("jax")
        def mine(): return inspect.getsource(mine)
        open("notes.txt"), torch.__version__, importlib.reload(os)
        """,
    "namesakes of ways around": """\
        class ctypes: CDLL = 1
        def marshal(linecache): return linecache.getlines, ctypes.CDLL
        """,
    "a getattr of their own": "import torch\ndef getattr(*_): ...\ngetattr(torch.nn, 'LSTM')",
    "a name assigned to": "import torch\ntorch.nn.LSTM = None",
    "nothing that Python allows": "nonlocal x\nglobal y\nx = x; y: int\n(yield)\ndel z",
}


def found(source: str, forbidden: list[str] = FORBIDDEN) -> list[tuple[int, str]]:
    return [(v.line, v.name) for v in violations(ast.parse(dedent(source)), forbidden)]


@pytest.mark.parametrize("case", FOUND)
def test_a_use_is_found_with_its_line_and_full_name(case: str) -> None:
    source, name = FOUND[case]
    [(line, full_name)] = found(source)
    assert line == source.count("\n") + 1
    assert full_name == name or (name is None and full_name.startswith("torch."))


@pytest.mark.parametrize("case", DETOURS)
def test_a_way_around_is_found_with_its_line(case: str) -> None:
    source, name = DETOURS[case]
    [violation] = violations(ast.parse(source), FORBIDDEN)
    assert violation == Violation(source.count("\n") + 1, name, detour_reason())


def test_where_nothing_is_forbidden_there_is_no_way_around() -> None:
    assert violations(ast.parse("import ctypes\nctypes.CDLL(None)"), []) == ()


@pytest.mark.parametrize("case", RIGHT)
def test_right_code_is_left_alone(case: str) -> None:
    assert found(RIGHT[case]) == []


def test_a_decorator_is_a_use() -> None:
    assert found("import torch\n@torch.nn.LSTM\ndef f(): ...") == [(2, "torch.nn.LSTM")]


def test_uses_are_sorted_and_each_name_is_told_once_a_line() -> None:
    source = """\
        from torch import nn
        def f(): return nn.LSTMCell, nn.LSTM, nn.LSTM(1), getattr(nn, "LSTM").forward
        nn.LSTM
        """
    assert found(source) == [(2, "torch.nn.LSTM"), (2, "torch.nn.LSTMCell"), (3, "torch.nn.LSTM")]


def test_an_alias_is_told_where_it_is_made_and_where_it_is_used() -> None:
    assert found("import torch\nf = torch.nn.LSTM\n\nf(1)") == [
        (2, "torch.nn.LSTM"),
        (4, "torch.nn.LSTM"),
    ]


def test_a_course_may_give_reasons_of_its_own() -> None:
    tree = ast.parse("import torch\ntorch.lstm, torch.gru")
    assert violations(tree, {"aten::lstm": "use matrix products", "aten::gru": usual_reason()}) == (
        Violation(2, "torch.gru"),
        Violation(2, "torch.lstm", "use matrix products"),
    )


@pytest.mark.parametrize("entry", ["LSTM", "torch", "numpy.dot", "torch.*.LSTM", "aten::", ""])
def test_an_entry_in_no_known_notation_is_refused_by_name(entry: str) -> None:
    with pytest.raises(ValueError, match=f'"{entry}"'.replace("*", r"\*")):
        violations(ast.parse(""), [entry])


@pytest.mark.parametrize(
    "source",
    [
        "import torch\n" + "torch" + ".nn" * 900 + ".LSTM",
        "import torch\ngetattr(torch, " + "+".join(["'a'"] * 900) + ")",
        "a = b\nb = a\na.nn.LSTM",
        "s = 'x'\n"
        + "\n".join(f"s{i} = s{i - 1} + s{i - 1}" for i in range(1, 200))
        + "\nvars(s)[s199]",
        "\n".join(f"a{i} = a{i + 1}.x\na{i} = a{i + 1}.x" for i in range(500)) + "\na0.LSTM",
    ],
    ids=["a long chain", "a long sum", "a circle", "a doubling string", "branching aliases"],
)
def test_strange_source_is_no_error_and_takes_no_time(source: str) -> None:
    assert found(source) == []


def test_a_deep_chain_does_not_hide_what_it_starts_from() -> None:
    source = "import torch\ntorch.nn.LSTM" + ".x" * 900
    assert found(source) == [(2, "torch.nn.LSTM")]


def test_the_policy_needs_no_torch() -> None:
    root = Path(__file__).parents[1]
    program = f"import sys; sys.path.insert(0, {str(root)!r}); import grader.submission.policy"
    child = [sys.executable, "-I", "-c", f"{program}; sys.exit('torch' in sys.modules)"]
    assert subprocess.run(child).returncode == 0
