"""The watch on forbidden calls: what trips it, what does not, and what it reports.

Tripwires change the process for good, so every case runs in one child process, which has the
watches of five exercises at once and reports what each case set off.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

FORBIDDEN = [
    *("torch.nn.LSTM*", "aten::*lstm*", "aten::*_rnn*"),
    *("torch.nn.MultiheadAttention", "torch.nn.Transformer*", "torch.nn.attention"),
    *("torch.nn.functional.multi_head_attention_forward", "torch._higher_order_ops.flex_attention"),
    *("aten::*attention*", "aten::_transformer_encoder_layer_fwd"),
    *("torch.nn.utils.clip_grad_norm*", "torch.nn.utils.get_total_norm"),
    *("torch.nn.*Conv*", "torch.nn.modules.conv", "aten::convolution"),
    *("torch.nn.functional.glu", "torch.Tensor.erfinv", "torch.ops.aten.logit", "torch.fft.fft"),
]
NOT_THERE = ["torch.nn.LSTMcell", "aten::lstm_step", "torch.no.such", "torch.Tensor.nothing"]
NOT_LOADED = ["torch.nn.attention.flex_attention"]

SETUP = """\
import torch, torch.nn as nn, torch.nn.functional as F
x, h = torch.ones(2, 3), torch.ones(2, 4)
w = [torch.ones(16, 3), torch.ones(16, 4), torch.ones(16), torch.ones(16)]
q = torch.ones(1, 1, 2, 4)
image, kernel = torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2)
"""

# Each sets off the name given. Lines are counted after SETUP.
SDPA = "torch.nn.functional.scaled_dot_product_attention"
FLASH = "torch._scaled_dot_product_flash_attention_for_cpu"
CAUGHT: dict[str, tuple[str, str]] = {
    "a name put together at run time": (
        "getattr(torch, '_'.join(['lstm', 'cell']))(x, (h, h), *w)",
        "torch.lstm_cell",
    ),
    "exec of a text": ("exec('F.scaled_' + 'dot_product_attention(q, q, q)')", SDPA),
    "a function kept in a container": (
        "f = [f for name, f in vars(F).items() if name.startswith('scaled_dot')][0]; f(q, q, q)",
        SDPA,
    ),
    "torch.ops": ("torch.ops.aten.lstm_cell.default(x, [h, h], *w)", "torch.lstm_cell"),
    "a decomposition": (
        "torch.ops.aten.lstm.input.decompose(x[None], [h[None]] * 2, w, 1, 1, 0.0, *[False] * 3)",
        "torch._decomp.decompositions.lstm_impl",
    ),
    "an operator's second overload": (
        "torch._VF.lstm(x, torch.tensor([2]), [h[None]] * 2, w, True, 1, 0.0, False, False)",
        "torch.lstm",
    ),
    "a fused kernel": (
        "torch.ops.aten._thnn_fused_lstm_cell(torch.ones(2, 16), torch.ones(2, 16), h)",
        "torch.ops.aten._thnn_fused_lstm_cell",
    ),
    "torch's own Python version of an operator": (
        "import torch._decomp.decompositions as d; d.one_layer_lstm(x, (h, h), w, True)",
        "torch._decomp.decompositions.one_layer_lstm",
    ),
    "TorchScript": (
        """
        source = "def f(x, h):\\n  return torch.lstm_cell(x, [h, h], x, h, None, None)\\n"
        torch.jit.CompilationUnit(source).f(x, h)
        """,
        "torch.lstm_cell",
    ),
    "with gradients": ("F.scaled_dot_product_attention(q.requires_grad_(), q, q)", SDPA),
    "without gradients": ("with torch.no_grad(): F.scaled_dot_product_attention(q, q, q)", SDPA),
    "in inference mode": (
        "with torch.inference_mode(): q = q + 1; F.scaled_dot_product_attention(q, q, q)",
        SDPA,
    ),
    "in autocast": (
        "with torch.autocast('cpu'): F.scaled_dot_product_attention(q, q, q)",
        SDPA,
    ),
    "on the meta device": (
        "q = q.to('meta'); F.scaled_dot_product_attention(q, q, q)",
        SDPA,
    ),
    "in vmap": ("torch.func.vmap(lambda q: F.scaled_dot_product_attention(q, q, q))(q)", SDPA),
    "in jvp": (
        "torch.func.jvp(lambda q: F.scaled_dot_product_attention(q, q, q), (q,), (q,))",
        SDPA,
    ),
    "in grad": (
        "torch.func.grad(lambda q: F.scaled_dot_product_attention(q, q, q).sum())(q)",
        SDPA,
    ),
    "in jit.trace": (
        "torch.jit.trace(lambda q: F.scaled_dot_product_attention(q, q, q), (q,))",
        SDPA,
    ),
    "in a thread": (
        """
        import threading
        threading.excepthook = lambda _: None
        thread = threading.Thread(target=F.scaled_dot_product_attention, args=(q, q, q))
        thread.start(), thread.join()
        """,
        SDPA,
    ),
    "a kernel of one device, with gradients": (f"{FLASH}(q.requires_grad_(), q, q)", FLASH),
    "a kernel of one device, without": (f"with torch.no_grad(): {FLASH}(q, q, q)", FLASH),
    "a kernel of one device, in inference mode": (
        f"with torch.inference_mode(): q = q + 1; {FLASH}(q, q, q)",
        FLASH,
    ),
    "an operator inside another, with gradients": (
        "F.conv2d(image.requires_grad_(), kernel)",
        "torch.convolution",
    ),
    "an operator inside another, in inference mode": (
        "with torch.inference_mode(): F.conv2d(image + 1, kernel)",
        "torch.convolution",
    ),
    "an operator inside another, in vmap": (
        "torch.func.vmap(lambda i: F.conv2d(i, kernel))(image[None])",
        "torch.convolution",
    ),
    "a module's constructor": ("nn.LSTMCell(3, 4)", "torch.nn.LSTMCell"),
    "a module made without its constructor": (
        "nn.LSTMCell.forward(object.__new__(nn.LSTMCell), x)",
        "torch.nn.LSTMCell",
    ),
    "a subclass": (
        "class Mine(nn.Conv2d): pass\nMine(1, 2, 3)",
        "torch.nn.Conv2d",
    ),
    "a private base class": (
        "nn.modules.conv._ConvNd(1, 2, (3,), (1,), (0,), (1,), False, (0,), 1, True, 'zeros')",
        "torch.nn.modules.conv._ConvNd",
    ),
    "the second telling of a module": (
        "torch.ao.nn.quantizable.LSTM(3, 4)",
        "torch.ao.nn.quantizable.LSTM",
    ),
    "a module that contains one": (
        "nn.TransformerEncoderLayer(4, 2)",
        "torch.nn.TransformerEncoderLayer",
    ),
    "a Python function": (
        "F.multi_head_attention_forward(*[None] * 13)",
        "torch.nn.functional.multi_head_attention_forward",
    ),
    "a decorated function": (
        "nn.utils.clip_grad_norm_([x], 1.0)",
        "torch.nn.utils.clip_grad_norm_",
    ),
    "the function below a decorator": (
        "nn.utils.clip_grad_norm_.__wrapped__([x], max_norm=1.0)",
        "torch.nn.utils.clip_grad_norm_",
    ),
    "the function under its module's name": (
        "nn.utils.clip_grad._get_total_norm([x])",
        "torch.nn.utils.get_total_norm",
    ),
    "a higher-order operator": (
        "torch.ops.higher_order.flex_attention(*[None] * 8)",
        "torch._higher_order_ops.flex_attention.FlexAttentionHOP",
    ),
    "an operator listed by its Python name": ("x.erfinv_; x.erfinv()", "torch.erfinv"),
    "an operator listed by torch.ops": ("torch.special.logit; x.logit()", "torch.logit"),
    "an operator with a name of its own": ("torch.fft.fft(x)", "torch.ops.aten.fft_fft"),
    "a function of torch.nn.functional": ("F.glu(torch.ones(2, 4))", "torch.nn.functional.glu"),
    # Ways around, which source analysis sees too where they are written as plainly.
    "a copy from torch's file": (
        """
        import importlib.util
        spec = importlib.util.spec_from_file_location("mine", nn.modules.rnn.__file__)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        """,
        "open('torch/nn/modules/__pycache__/rnn.PYC')",
    ),
    "a copy by a loader of its own": (
        """
        from importlib.machinery import SourceFileLoader
        SourceFileLoader("mine", F.__file__).get_code("mine")
        """,
        "open('torch/nn/__pycache__/functional.PYC')",
    ),
    "a copy by exec of its text": (
        "exec(open(F.__file__).read())",
        "open('torch/nn/functional.py')",
    ),
    "a copy by os.open": (
        "import os; os.read(os.open(F.__file__, os.O_RDONLY), 9)",
        "open('torch/nn/functional.py')",
    ),
    "a copy by pathlib": (
        "import pathlib; pathlib.Path(F.__file__).read_text()",
        "open('torch/nn/functional.py')",
    ),
    "a copy by another path": (
        "import os; os.chdir(os.path.dirname(torch.__file__)); open('./nn/../nn/functional.py')",
        "open('torch/nn/functional.py')",
    ),
    "a copy by inspect": (
        "import inspect; inspect.getsource(nn.Linear)",
        "open('torch/nn/modules/linear.py')",
    ),
    "a copy by linecache": (
        "import linecache; linecache.getlines(nn.modules.rnn.__file__)",
        "open('torch/nn/modules/rnn.py')",
    ),
    "a copy by runpy": (
        "import runpy; runpy.run_path(F.__file__)",
        "open('torch/nn/functional.py')",
    ),
    "a copy by pkgutil": (
        "import pkgutil; pkgutil.get_data('torch.nn', 'functional.py')",
        "open('torch/nn/functional.py')",
    ),
    "a copy by the module's own loader": (
        "F.__loader__.get_source('torch.nn.functional')",
        "open('torch/nn/functional.py')",
    ),
    "a copy by reload": (
        "import importlib; importlib.reload(nn.modules.rnn)",
        "open('torch/nn/modules/__pycache__/rnn.PYC')",
    ),
    "a copy by a second import": (
        """
        import sys
        kept = sys.modules.pop('torch.nn.modules.rnn')
        try: import torch.nn.modules.rnn
        finally: sys.modules['torch.nn.modules.rnn'] = kept
        """,
        "open('torch/nn/modules/__pycache__/rnn.PYC')",
    ),
    "a copy by a path to import from": (
        """
        import os, sys
        sys.path.insert(0, os.path.dirname(F.__file__))
        try: import functional
        finally: sys.path.pop(0)
        """,
        "open('torch/nn/__pycache__/functional.PYC')",
    ),
    "a copy in a thread": (
        """
        import threading
        threading.excepthook = lambda _: None
        thread = threading.Thread(target=open, args=(F.__file__,))
        thread.start(), thread.join()
        """,
        "open('torch/nn/functional.py')",
    ),
    "a copy by a function of torch that calls others": (
        "torch.utils._pytree.tree_map(open, [F.__file__])",
        "open('torch/nn/functional.py')",
    ),
    "a copy by code under another name": (
        """
        import os
        exec(compile('open(path)', os.__file__, 'exec'), {'path': F.__file__})
        """,
        "compile",
    ),
    "code that is given another name": (
        """
        import os
        f = lambda path: open(path)
        f.__code__ = f.__code__.replace(co_filename=torch.__file__)
        """,
        "compile",
    ),
    "bytecode": ("import marshal; marshal.loads(marshal.dumps(1))", "marshal.loads"),
    "a library of torch's": (
        """
        import ctypes, os
        ctypes.CDLL(os.path.join(os.path.dirname(torch.__file__), 'lib', 'libtorch_cpu.so'))
        """,
        "ctypes.dlopen",
    ),
    "a library by _ctypes": (
        "import _ctypes; _ctypes.dlopen('libtorch_cpu.so', 2)",
        "ctypes.dlopen",
    ),
    "all libraries": ("import ctypes; ctypes.CDLL(None)", "ctypes.dlopen"),
    "a library by a function of torch": (
        "import ctypes; torch.utils._pytree.tree_map(ctypes.CDLL, ['libtorch_cpu.so'])",
        "ctypes.dlopen",
    ),
    "a library by torch.ops": (
        """
        import os
        torch.ops.load_library(os.path.dirname(torch.__file__) + '/lib/libtorch_cpu.so')
        """,
        "ctypes.dlopen",
    ),
    "a symbol of Python's": ("import ctypes; ctypes.pythonapi.Py_DecRef", "ctypes.dlsym"),
    "a symbol of what torch has opened": (
        "torch._C.__file__; import ctypes; ctypes.pythonapi._ZN2at4_ops9lstm_cell4callE",
        "ctypes.dlsym",
    ),
    "an address": ("import ctypes; ctypes.c_int.from_address(id(x))", "ctypes.cdata"),
    "a function at an address": (
        "import ctypes; ctypes.CFUNCTYPE(ctypes.c_int)(id(x))",
        "ctypes.CFUNCTYPE",
    ),
    "memory read": ("import ctypes; ctypes.string_at(id(x), 8)", "ctypes.string_at"),
    "memory read as text": ("import ctypes; ctypes.wstring_at(id(x), 2)", "ctypes.wstring_at"),
    "memory read as something else": (
        "import ctypes; ctypes.cast(id(x), ctypes.POINTER(ctypes.c_void_p))",
        "ctypes.cast",
    ),
}

if sys.version_info >= (3, 14):
    CAUGHT["memory read by a view of it"] = (
        "import ctypes; ctypes.memoryview_at(id(x), 8)",
        "ctypes.memoryview_at",
    )

# None of these may set anything off, and each must do its work.
LEFT_ALONE = {
    "an LSTM step by hand": """\
        gates = x @ w[0].T + w[2] + h @ w[1].T + w[3]
        i, f, g, o = gates.requires_grad_().chunk(4, dim=1)
        c = f.sigmoid() * h + i.sigmoid() * g.tanh()
        (o.sigmoid() * c.tanh()).sum().backward()
        """,
    "attention by hand": """\
        weights = F.softmax(torch.einsum('...id,...jd->...ij', q, q) / 2, dim=-1)
        (weights.requires_grad_() @ q).sum().backward()
        """,
    "other modules": "nn.Linear(3, 4)(x).sum().backward(); nn.GRUCell(3, 4)(x, h)",
    "norms": "torch.stack(torch._foreach_norm([x, h])); torch.linalg.vector_norm(x)",
    "namesakes of the student's own": """\
        class LSTMCell(nn.Module): pass
        def clip_grad_norm_(parameters): return 1
        LSTMCell(), clip_grad_norm_([])
        """,
    "TorchScript, which reads torch's source": """\
        import linecache, sys
        from importlib import util
        linecache.clearcache()
        sys.modules["submission"] = type(sys)("submission")
        text = "import torch\\ndef mine(x):\\n  return torch.nn.functional.softmax(x, dim=-1)\\n"
        linecache.cache["mine.py"] = (len(text), None, text.splitlines(True), "mine.py")
        space = {"__name__": "submission"}
        exec(compile(text, "mine.py", "exec"), space)
        assert torch.jit.script(space["mine"])(x).shape == x.shape
        """,
    "a traceback through torch": """\
        import linecache, traceback
        linecache.clearcache()
        try: nn.Linear(3, 4)(h)
        except RuntimeError: assert "F.linear" in traceback.format_exc()
        """,
    "a warning from torch": """\
        import linecache, warnings
        linecache.clearcache()
        warnings.formatwarning("careful", UserWarning, nn.modules.linear.__file__, 9)
        """,
    "modules of torch's that nobody has loaded": """\
        import sys
        assert "torch.nn.utils.prune" not in sys.modules
        import torch.nn.utils.prune, torch.distributions, torch.optim, torch.fft, wave
        """,
    "what torch itself asks of ctypes": "torch.cuda.device_count(), torch.cuda.is_available()",
    "files of their own": """\
        import os, pathlib, tempfile
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "torch.py").write_text("import os")
            assert open(os.path.join(folder, "torch.py")).read() == "import os"
        print(torch.__file__, torch.__path__, torch.__spec__.name, file=open(os.devnull, "w"))
        """,
    "what makes classes and functions": """\
        import collections, copy, dataclasses, enum, functools, inspect, pickle, typing
        @dataclasses.dataclass
        class Point: x: int
        Pair = collections.namedtuple("Pair", "a b")
        inspect.signature(nn.Linear), copy.deepcopy(nn.Linear(2, 3)), pickle.dumps(x)
        f = lambda a: a
        f.__code__ = f.__code__.replace(co_name="g")
        eval(compile("1 + 1", "mine", "eval")), exec("a = 1")
        """,
    "numbers of ctypes": "import ctypes; ctypes.c_float(1.5), ctypes.sizeof(ctypes.c_double)",
    "looking without calling": "F.scaled_dot_product_attention, nn.LSTM, hasattr(torch, 'lstm')",
}

# What the record of them shows is told below.
RECORDS = {
    "swallowed": """\
        def f():
            F.scaled_dot_product_attention(q, q, q)
        try:
            f()
        except Exception:
            pass
        """,
    "repeated": """\
        for _ in range(9):
            try: F.glu(h)
            except RuntimeError: pass
        F.glu(h)
        """,
}

CHILD = """
import gc, io, json, sys, contextlib
sys.path.insert(0, sys.argv[1])
given = json.load(sys.stdin)
import torch
torch.set_num_threads(1)
from grader.worker.tripwire import ForbiddenCall, Tripwires

with contextlib.redirect_stderr(io.StringIO()) as complaints:
    watch = Tripwires(given["forbidden"], "submission.py")
other = Tripwires(given["not there"] + given["not loaded"], "submission.py")

def attempt(source):
    watch.tripped.clear()
    raised = None
    try:
        exec(compile(given["setup"] + source, "submission.py", "exec"), {"__name__": "submission"})
    except Exception as error:
        raised = isinstance(error, ForbiddenCall) or repr(error)
    return {"tripped": list(watch.tripped), "raised": raised}

report = {name: attempt(source) for name, source in given["cases"].items()}
report["missing"] = [other.missing, watch.missing]
report["complaints"] = complaints.getvalue()

watch.tripped.clear()
with contextlib.suppress(ForbiddenCall):
    torch.nn.LSTM(1, 1)
report["from elsewhere"] = watch.tripped[:]

operators = ["aten::convolution", "aten::convolution.out"]
operators += [name for name in torch._C._dispatch_get_all_op_names()
             if name.startswith("aten::") and ("lstm" in name or "attention" in name)]
lines = [line for name in operators for line in torch._C._dispatch_dump(name).splitlines()]
kernels = [line for line in lines if "registered at" in line and not line.startswith("debug")]
report["untouched"] = [k for k in kernels if "(inactive)" not in k and "/dev/null:0" not in k]
report["replaced"] = sum("(inactive)" in kernel for kernel in kernels)

modules = {id(o): o for held in gc.get_objects() for o in gc.get_referents(held)
           if type(o).__name__ == "_DispatchModule"}
for module in modules.values():
    module.reset()
report["after a walk through gc"] = attempt("F.scaled_dot_product_attention(q, q, q)")
print(json.dumps(report))
"""

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    cases = {name: dedent(source) for name, (source, _) in CAUGHT.items()}
    cases |= {name: dedent(source) for name, source in LEFT_ALONE.items()}
    cases |= {name: dedent(source) for name, source in RECORDS.items()}
    given = {
        "forbidden": FORBIDDEN,
        "not there": NOT_THERE,
        "not loaded": NOT_LOADED,
        "setup": SETUP,
        "cases": cases,
    }
    child = subprocess.run(
        [sys.executable, "-I", "-c", CHILD, str(ROOT)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("case", CAUGHT)
def test_a_forbidden_call_is_caught_however_it_is_reached(
    report: dict[str, Any], case: str
) -> None:
    # Where there is no bytecode to be had, the source is read.
    names = [name for name, _ in report[case]["tripped"]]
    source = re.sub(r"__pycache__/(\w+)\.PYC", r"\1.py", CAUGHT[case][1])
    bytecode = re.sub(r"PYC", f"{sys.implementation.cache_tag}.pyc", CAUGHT[case][1])
    assert names[:1] in ([source], [bytecode]), report[case]


@pytest.mark.slow
@pytest.mark.parametrize("case", LEFT_ALONE)
def test_right_code_runs_as_if_nothing_were_watched(report: dict[str, Any], case: str) -> None:
    assert report[case] == {"tripped": [], "raised": None}


@pytest.mark.slow
def test_the_call_raises_forbidden_call(report: dict[str, Any]) -> None:
    assert report["a fused kernel"]["raised"] is True
    assert report["a subclass"]["raised"] is True


@pytest.mark.slow
def test_a_swallowed_exception_leaves_its_record(report: dict[str, Any]) -> None:
    assert report["swallowed"]["raised"] is None
    assert report["swallowed"]["tripped"] == [[SDPA, SETUP.count("\n") + 2]]


@pytest.mark.slow
def test_each_line_is_recorded_once(report: dict[str, Any]) -> None:
    lines = [line - SETUP.count("\n") for _, line in report["repeated"]["tripped"]]
    assert lines == [2, 4]


@pytest.mark.slow
def test_a_call_from_outside_the_submission_has_line_0(report: dict[str, Any]) -> None:
    assert report["from elsewhere"] == [["torch.nn.LSTM", 0]]


@pytest.mark.slow
def test_every_kernel_of_a_forbidden_operator_is_replaced(report: dict[str, Any]) -> None:
    """The oracle is torch's own account of its dispatcher, for every key it knows."""
    assert report["untouched"] == []
    assert report["replaced"] > 100


@pytest.mark.slow
def test_nothing_that_python_can_reach_brings_a_kernel_back(report: dict[str, Any]) -> None:
    assert [name for name, _ in report["after a walk through gc"]["tripped"]] == [SDPA]


@pytest.mark.slow
def test_names_that_torch_lacks_are_listed_and_do_no_harm(report: dict[str, Any]) -> None:
    """A module that could still be imported is not taken for a slip of the pen."""
    assert report["missing"] == [NOT_THERE, []]


@pytest.mark.slow
def test_installing_says_nothing(report: dict[str, Any]) -> None:
    assert report["complaints"] == ""


@pytest.mark.slow
def test_what_a_class_has_from_another_library_stays_as_it_is():
    """Its own methods are watched. Python's functions, which classes everywhere share, are not:
    since 3.13 each dataclass has the same `__replace__`."""
    code = """
        import copy, dataclasses, sys, types
        from grader.worker.tripwire import ForbiddenCall, Tripwires
        library = types.ModuleType("library")
        sys.modules["library"] = library
        exec('''
        import dataclasses, textwrap
        @dataclasses.dataclass
        class Kernel:
            size: int = 1
            def run(self): return self.size
            dedent = staticmethod(textwrap.dedent)
            indent = textwrap.indent
        '''.replace("\\n        ", "\\n"), library.__dict__)
        kernel = library.Kernel()
        Tripwires(["library.Kernel"], "submission.py")
        import textwrap
        @dataclasses.dataclass(frozen=True)
        class Ours:
            a: int
        assert dataclasses.replace(Ours(1), a=2) == Ours(2)
        if hasattr(copy, "replace"):
            assert copy.replace(Ours(1), a=2) == Ours(2)
        assert textwrap.indent("x", " ") == " x"
        try:
            kernel.run()
        except ForbiddenCall:
            print("caught")
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "caught\n", done.stderr
