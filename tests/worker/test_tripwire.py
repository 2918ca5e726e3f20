"""The watch on forbidden calls: what trips it, what does not, and what it reports.

Tripwires change the process for good, so every case runs in one child process, which has the
watches of five exercises at once and reports what each case set off.
"""

import json
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
}

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

first = Tripwires(given["not there"] + given["not loaded"], "submission.py")
with contextlib.redirect_stderr(io.StringIO()) as complaints:
    watch = Tripwires(given["forbidden"], "submission.py")

def attempt(source):
    watch.tripped.clear()
    raised = None
    try:
        exec(compile(given["setup"] + source, "submission.py", "exec"), {"__name__": "submission"})
    except Exception as error:
        raised = isinstance(error, ForbiddenCall) or repr(error)
    return {"tripped": list(watch.tripped), "raised": raised}

report = {name: attempt(source) for name, source in given["cases"].items()}
report["missing"] = [first.missing, watch.missing]
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


@pytest.mark.parametrize("case", CAUGHT)
def test_a_forbidden_call_is_caught_however_it_is_reached(
    report: dict[str, Any], case: str
) -> None:
    names = [name for name, _ in report[case]["tripped"]]
    assert names[:1] == [CAUGHT[case][1]], report[case]


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_right_code_runs_as_if_nothing_were_watched(report: dict[str, Any], case: str) -> None:
    assert report[case] == {"tripped": [], "raised": None}


def test_the_call_raises_forbidden_call(report: dict[str, Any]) -> None:
    assert report["a fused kernel"]["raised"] is True
    assert report["a subclass"]["raised"] is True


def test_a_swallowed_exception_leaves_its_record(report: dict[str, Any]) -> None:
    assert report["swallowed"]["raised"] is None
    assert report["swallowed"]["tripped"] == [[SDPA, SETUP.count("\n") + 2]]


def test_each_line_is_recorded_once(report: dict[str, Any]) -> None:
    lines = [line - SETUP.count("\n") for _, line in report["repeated"]["tripped"]]
    assert lines == [2, 4]


def test_a_call_from_outside_the_submission_has_line_0(report: dict[str, Any]) -> None:
    assert report["from elsewhere"] == [["torch.nn.LSTM", 0]]


def test_every_kernel_of_a_forbidden_operator_is_replaced(report: dict[str, Any]) -> None:
    """The oracle is torch's own account of its dispatcher, for every key it knows."""
    assert report["untouched"] == []
    assert report["replaced"] > 100


def test_nothing_that_python_can_reach_brings_a_kernel_back(report: dict[str, Any]) -> None:
    assert [name for name, _ in report["after a walk through gc"]["tripped"]] == [SDPA]


def test_names_that_torch_lacks_are_listed_and_do_no_harm(report: dict[str, Any]) -> None:
    """A module that could still be imported is not taken for a slip of the pen."""
    assert report["missing"] == [NOT_THERE, []]


def test_installing_says_nothing(report: dict[str, Any]) -> None:
    assert report["complaints"] == ""
