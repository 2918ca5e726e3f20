"""The policy's work grows with the source and not faster, whatever the source looks like.

Work is counted in Python's own instructions, so that no clock and no other load has a say.
"""

import ast
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from grader.submission.policy import violations

FORBIDDEN = [
    "torch.nn.LSTM*",
    "torch.nn.attention",
    "torch.nn.functional.conv2d",
    "torch.linalg.vector_norm",
    "aten::*lstm*",
    "quantized::linear",
]
SMALL, TIMES = 20, 4
# What is paid once, and the few things that fill up at a size between the two, are allowed for.
MOST_GROWTH = 1.35 * TIMES

Generator = Callable[[int], str]

# {i} counts up, {j} is one more, {k} one less; {r} walks through the numbers in another order.
LINES = {
    "aliases of one name": "y=x",
    "two names for each other": "x=y\ny=x",
    "three names in a ring": "x=y\ny=z\nz=x",
    "a ring through attributes": "x=y.a\ny=x.b",
    "one name, many values": "x=v{i}\nx",
    "one value, many names": "v{i}=x\nv{i}",
    "a chain forward": "v{j}=v{i}",
    "a chain backward": "v{i}=v{j}",
    "a chain in another order": "v{r}=v{r}{i}\nv{i}=v{r}",
    "a chain of attributes": "v{j}=v{i}.a",
    "a chain of attributes backward": "v{i}=v{j}.nn",
    "a chain with two of each": "v{j}=v{i}\nv{j}=v{i}",
    "a chain with two ways": "v{j}=v{i}.a\nv{j}=v{i}.b",
    "a chain of subscripts": "v{j}=v{i}['a']",
    "a chain of getattr": "v{j}=getattr(v{i},'a')",
    "a chain of vars": "v{j}=vars(v{i})",
    "a chain of texts": "v{j}=v{i}+'a'",
    "a doubling text": "v{j}=v{i}+v{i}",
    "a doubling f-string": "v{j}=f'{{v{i}}}{{v{i}}}'",
    "star imports of one module": "from torch import *",
    "star imports and names": "from torch import *\nrelu(x{i})",
    "star imports of many modules": "from torch.m{i} import *\nf{i}()",
    "star imports below nn.modules": "from torch.nn.modules.m{i} import *\nF{i}()",
    "star imports of what is forbidden": "from torch.nn.attention.m{i} import *\nf{i}()",
    "star imports of operators": "from torch.ops.o{i} import *\nf{i}()",
    "star imports of others": "from m{i} import *\nf{i}()",
    "star imports of every home": "from torch.fft import *\nfrom torch._VF import *\nlstm{i}()",
    "imports": "import torch.nn.m{i}\ntorch.nn.m{i}.f",
    "imports as one name": "import torch.m{i} as m\nm.f",
    "imports as many names": "from torch import nn as n{i}\nn{i}.LSTM",
    "imports of deep modules": "import torch.a.b.c.d.e.f{i}",
    "names of torch": "torch.f{i}(torch.nn.g{i})",
    "forbidden names": "torch.nn.LSTM{i}()",
    "forbidden operators": "torch._VF.lstm{i}()",
    "operators of other kinds": "torch.ops.n{i}.f.default()",
    "functions of one name": "def f(x): return x",
    "functions of many names": "def f{i}(x): return f{k}(x)",
    "functions that shadow": "def f(torch): return torch.nn.LSTM",
    "functions with defaults": "def f(x=f): return x",
    "functions with many names inside": "def f{i}():\n  x=y\n  y=x\n  return x",
    "functions within functions": "def f{i}():\n  def g():\n    def h(): return v{i}\n    return h",
    "globals": "def f{i}():\n  global x\n  x=y\n  return x",
    "globals of many names": "def f{i}():\n  global v{i}\n  v{i}=v{k}\n  return v{k}",
    "nonlocals": "def f{i}():\n  x=torch\n  def g():\n    nonlocal x\n    x=x\n    return x.nn",
    "classes of one name": "class A(A): x=A",
    "classes of many names": "class A{j}(A{i}): x=A{i}.x",
    "classes with methods": "class A{i}:\n  def f(self): return self.f(A{k})",
    "classes with names": "class A{i}:\n  x=y\n  y=x\n  def f(self): return x",
    "decorators": "@d{i}\ndef d{j}(x): return x",
    "many decorators": "@d\n@e\n@torch.no_grad()\ndef d(x): return x",
    "lambdas": "f=lambda x: f(x)",
    "lambdas of many names": "v{j}=lambda x: v{i}(x)",
    "walruses": "(x:=y)\n(y:=x)",
    "walruses in a chain": "(v{j}:=v{i})",
    "walruses in comprehensions": "[(v:=x) for x in v if (x:=v)]",
    "tuples": "a,b=b,a",
    "tuples of many names": "v{j},w{j}=w{i},v{i}",
    "tuples that do not fit": "a,b=(c,)",
    "starred tuples": "a,*b=b,*a",
    "nested tuples": "a,(b,[c])=b,(c,[a])",
    "chained targets": "a=b=c=a",
    "annotated": "x: torch.nn.LSTM = y\ny: x = x",
    "added to": "x+=x\ny=x",
    "subscripts": "x[x]=x[x]",
    "attributes set": "x.a=x.a",
    "loops": "for x in x: y=x",
    "loops over many names": "for v{j} in v{i}: v{j}",
    "whiles": "while x: x=x",
    "withs": "with x as y: x=y",
    "trys": "try: x\nexcept x as y: x=y",
    "matches": "match x:\n  case [y, *x]: y\n  case {{'a': x, **y}}: x\n  case A(x) as y: x",
    "dels": "del x\nx=y",
    "ifs": "if x: x=y\nelse: y=x",
    "main guards": "if __name__ == '__main__': x=y\nelse: y=x",
    "comprehensions": "x=[x for x in x if x]",
    "comprehensions of dicts": "x={{x: y for x, y in x for y in x}}",
    "getattr of sums": "getattr(x,'a'+'b'+'c{i}')",
    "getattr of names": "v{i}='a'\ngetattr(x,v{i})",
    "getattr of one name": "v='a'\ngetattr(x,v)",
    "getattr with defaults": "getattr(x,'a',getattr(x,'b',None))",
    "attrgetters": "operator.attrgetter('a.b')(x)",
    "import_module": "import importlib\nimportlib.import_module('torch.m{i}').f",
    "__import__": "__import__('torch.m{i}',fromlist=['x']).f",
    "sys.modules": "import sys\nsys.modules['torch'].nn.f{i}",
    "dispatch by dict": "d={{'a': f, 'b': torch.nn.f{i}}}\nd['a'](d['b'])",
    "__dict__": "x=x.__dict__\nx.__dict__['a']",
    "ctypes": "import ctypes\nctypes.CDLL(x{i})",
    "paths of torch": "p{i}=torch.__file__\nopen(p{i})",
    "opens": "open(open(x))",
    "docstrings": "'text of some length, which nobody reads'",
    "numbers": "x=1+2*3",
    "comparisons": "x=x<y<x",
    "awaits": "async def f(x): return await x",
    "yields": "def f(x): x=yield x",
}


def _repeated(lines: str, n: int) -> str:
    return "import torch\n" + "\n".join(
        lines.format(i=i, j=i + 1, k=i - 1, r=i * 7919 % n) for i in range(n)
    )


def _each(text: str, n: int, by: str = "") -> str:
    return by.join(text.format(i=i, j=i + 1) for i in range(n))


# A nest is bounded by what Python can parse; what is beside it is not.
_DEEP = 60

OTHERS: dict[str, Generator] = {
    "a chain of dots": lambda n: "torch" + ".nn" * n,
    "a chain of calls": lambda n: "torch" + ".nn()" * n,
    "a chain of subscripts": lambda n: "torch" + "['a']" * n,
    "a sum": lambda n: "+".join(["x"] * n),
    "a sum of texts": lambda n: "getattr(x," + "+".join(["'a'"] * n) + ")",
    "a long f-string": lambda n: "x='a'\ngetattr(x,f'" + "{x}" * n + "')",
    "a long text": lambda n: f"x='{'a' * n * 10}'\ngetattr(x,x)",
    "a long name": lambda n: f"{'a' * n * 10}={'b' * n * 10}\n" + f"x.{'a' * n * 10}",
    "a long list": lambda n: f"x=[{'x,' * n}]",
    "a long dict": lambda n: "x={" + _each("'{i}': x,", n) + "}",
    "a long call": lambda n: f"x({_each('x{i},', n)})",
    "many keywords": lambda n: f"x({_each('k{i}=x,', n)})",
    "many parameters": lambda n: f"def f({_each('x{i},', n)}): return x",
    "many parameters of lambdas": lambda n: f"lambda {_each('x{i}=x,', n)}: x",
    "many targets": lambda n: "x=" * n + "x",
    "many targets of many": lambda n: "()=" * n + f"({'x,' * n})",
    "many targets that fit": lambda n: "x,y=" * n + "(x,y)",
    "many names in one tuple": lambda n: f"{_each('v{j},', n)}={_each('v{i},', n)}",
    "many values of one tuple": lambda n: f"({'x,' * n})=({'y,' * n})\n({'y,' * n})=({'x,' * n})",
    "many globals": lambda n: f"def f():\n  global {_each('v{i}', n, ',')}\n  return v1",
    "globals of globals": lambda n: _repeated("def f{i}():\n  global v{i}\n  v{i}=1", n) + "\nv1",
    "many nonlocals": lambda n: (
        f"def f():\n  {_each('v{i}=1', n, ';')}\n  def g():\n"
        f"    nonlocal {_each('v{i}', n, ',')}\n    v1"
    ),
    "many imports at once": lambda n: f"from torch import {_each('f{i}', n, ',')}\nf1",
    "many names after a nest of lambdas": lambda n: (
        "lambda x: " * _DEEP + f"({_each('v{i},', n)}{'x,' * n})"
    ),
    "names bound beside a nest": lambda n: (
        _repeated("def f{i}(): v{i}=1", n) + "\n" + "lambda x: " * _DEEP + f"({_each('v{i},', n)})"
    ),
    "a name bound in many functions": lambda n: (
        _repeated("def f{i}(): v=1", n) + "\n" + "lambda x: " * _DEEP + f"({'v,' * n})"
    ),
    "many nests": lambda n: _repeated("lambda x: lambda y: lambda z: (x, y, z, v{i})", n),
    "a nest of comprehensions": lambda n: (
        "[" * _DEEP + "x" + " for x in x]" * _DEEP + "\n" + _repeated("x=x", n)
    ),
    "one comprehension of many loops": lambda n: "[x" + " for x in x if x" * n + "]",
    "many bases": lambda n: f"class A({_each('B{i},', n)}): pass",
    "many decorators of one": lambda n: _repeated("@d{i}", n) + "\ndef f(): pass",
    "many cases": lambda n: "match x:\n" + _each("  case x{i}: x{i}\n", n),
    "one case of many": lambda n: f"match x:\n  case [{_each('x{i},', n)}]: x",
    "many elifs": lambda n: "if x: y\n" + _each("elif x{i}: x=y\n", n),
    "many handlers": lambda n: "try: x\n" + _each("except E{i} as x: x\n", n),
    "one line": lambda n: "x=y;y=x;" * n,
    "comments": lambda n: "# x = y\n" * n,
}

GENERATORS: dict[str, Generator] = {
    **{name: partial(_repeated, lines) for name, lines in LINES.items()},
    **OTHERS,
}


def work(source: str) -> int:
    """How many of Python's instructions it takes to judge `source`."""
    tree = ast.parse(source)
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "opcode"
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        violations(tree, FORBIDDEN)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.slow
@pytest.mark.parametrize("name", GENERATORS)
def test_work_grows_with_the_source_and_not_faster(name: str) -> None:
    generator = GENERATORS[name]
    constant = work("import torch")
    little, much = (work(generator(n)) - constant for n in (SMALL, SMALL * TIMES))
    assert much <= MOST_GROWTH * max(little, 200)


def test_there_are_about_a_hundred_shapes() -> None:
    assert len(GENERATORS) >= 100


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        "'y=x\\nx=y\\n' * 11_250",
        "'from torch import *\\n' * 2_000 + 'relu(x)\\n' * 2_000",
        "'from torch import *\\n' * 50_000",
        "''.join(f'from torch.nn.modules.a{i} import *\\n' for i in range(20_000))",
        "'()=' * 200_000 + '(' + 'x,' * 200_000 + ')'",
        "'torch' + '.nn' * 2_000 + '\\n' + 'from torch' + '.nn' * 2_000 + ' import *'",
    ],
)
def test_large_sources_are_judged_in_a_moment(source: str) -> None:
    """These took minutes, or would; the limit is there to end what does."""
    program = (
        "import ast; from grader.submission.policy import violations\n"
        f"violations(ast.parse({source}), {FORBIDDEN})"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
