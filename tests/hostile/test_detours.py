"""Forbidden built-ins by ways around the watch: torch's files, bytecode and libraries earn nothing.

Where names are put together at run time, the worker finds them; where not, reading the source does.
"""

import pytest

from grader.report import Status

# Each gives `copy(name)`: torch's module of that name once more, without the tripwires.
COPIES = {
    "a spec of the file": """
def copy(name):
    util = get("importlib", "util")
    spec = util.spec_from_file_location("mine", path_of(name))
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
""",
    "the bytecode": """
def copy(name):
    cached = get("importlib", "util").cache_from_source(path_of(name))
    module = type(torch)("mine")
    with open(cached, "rb") as file:
        exec(get("marshal").loads(file.read()[16:]), vars(module))
    return module
""",
    "the text": """
def copy(name):
    module = type(torch)("mine")
    module.__package__ = name.rpartition(".")[0]
    with open(path_of(name)) as file:
        exec(file.read(), vars(module))
    return module
""",
    "a loader": """
def copy(name):
    loader = get("importlib", "machinery").SourceFileLoader("mine", path_of(name))
    module = type(torch)("mine")
    exec(loader.get_code("mine"), vars(module))
    return module
""",
    "inspect": """
def copy(name):
    module = type(torch)("mine")
    exec(get("inspect").getsource(get(*name.split("."))), vars(module))
    return module
""",
    "a second import": """
def copy(name):
    kept = get("sys").modules.pop(name)
    try:
        return get("importlib").import_module(name)
    finally:
        get("sys").modules[name] = kept
""",
}
LIBRARIES = {
    "ctypes.CDLL": "get('ctypes').CDLL(FOLDER + '/lib/libtorch_cpu.so')",
    "ctypes.pythonapi": "get('ctypes').pythonapi.Py_DecRef",
    "_ctypes": "get('_ctypes').dlopen(FOLDER + '/lib/libtorch_cpu.so', 2)",
    "torch.ctypes": "getattr(torch, 'cty' + 'pes').CDLL(None)",
}
HELP = """
import os, sys, torch
FOLDER = os.path.dirname(getattr(torch, "_".join(["", "", "file", "", ""])))

def path_of(name):
    return FOLDER.removesuffix("torch") + name.replace(".", "/") + ".py"

def get(*names):
    __import__(".".join(names))
    return sys.modules[".".join(names)]
"""
# What each exercise would gain, given `copy`.
ANSWERS = {
    "1": """
def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    cell = copy("torch.ao.nn.quantizable.modules.rnn").LSTMCell(x.shape[1], h.shape[1])
    cell.igates.weight.data, cell.igates.bias.data = w_ih, b_ih
    cell.hgates.weight.data, cell.hgates.bias.data = w_hh, b_hh
    return cell(x, (h, c))
""",
    "5": """
def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    return copy("torch.nn.utils.clip_grad").clip_grad_norm_(parameters, max_norm, norm_type)
""",
    "17": """
def recurrent_param_shapes(
    mode, input_size, hidden_size, num_layers=1, bidirectional=False, bias=True, proj_size=0
):
    module = copy("torch.nn.modules.rnn")
    made = getattr(module, mode)(
        input_size, hidden_size, num_layers, bias, bidirectional=bidirectional, proj_size=proj_size
    )
    return {name: tuple(p.shape) for name, p in made.named_parameters()}
""",
}


@pytest.mark.parametrize("number", ANSWERS)
@pytest.mark.parametrize("way", COPIES)
def test_a_second_copy_of_torchs_code_earns_nothing(grade_source, number, way):
    """It is rejected at the first call, and for the reason."""
    report = grade_source(number, HELP + COPIES[way] + ANSWERS[number])
    assert (report.status, report.score) == (Status.REJECTED, 0), report.reason
    assert "forbidden here" in report.reason


@pytest.mark.parametrize("number", ANSWERS)
@pytest.mark.parametrize("way", LIBRARIES)
def test_a_library_of_torchs_earns_nothing(grade_source, number, way):
    """Also where the exception is swallowed, and the answer is right otherwise."""
    attack = f"try: {LIBRARIES[way]}\nexcept BaseException: pass\n"
    report = grade_source(number, HELP + attack + ANSWERS[number])
    assert (report.status, report.score) == (Status.REJECTED, 0), report.reason
    assert "it reaches what is forbidden here another way" in report.reason


@pytest.mark.parametrize("number", ANSWERS)
@pytest.mark.parametrize(
    "line",
    [
        "import ctypes; ctypes.CDLL('libtorch_cpu.so')",
        "import marshal; exec(marshal.loads(b''))",
        "import importlib.util as u; u.spec_from_file_location('mine', 'rnn.py')",
        "import torch; open(torch.nn.modules.rnn.__file__)",
        "import torch; torch._C._jit_to_static_module(None)",
        "from torch._C import _nativert; _nativert.PyModelRunner('a', 'b')",
        "import torch; torch._C._te.TensorExprKernel(None)",
    ],
)
def test_what_stands_in_the_source_is_rejected_before_anything_runs(grade_source, number, line):
    """With the line that it stands on."""
    report = grade_source(number, f"\n{line}\n")
    assert (report.status, report.score) == (Status.REJECTED, 0)
    assert report.reason.startswith("Line 2 uses")
    assert report.sandbox == {}


# What runs a graph of operators by kernels of its own, and asks no dispatcher.
RUNTIMES = {
    "Static Runtime": "vars(torch._C)['_jit_to_' + 'eludom_citats'[::-1]](text.f.graph)",
    "Static Runtime, fused": (
        "vars(torch._C)['_fuse_to_' + 'eludom_citats'[::-1]](text.f.graph) or text.f"
    ),
    "what follows it": "vars(vars(torch._C)['trevitan_'[::-1]])['rennuRledoMyP'[::-1]]('a', 'b')",
    "loops of its own": "vars(vars(torch._C)['et_'[::-1]])['lenreKrpxErosneT'[::-1]](text.f.graph)",
}
WITHOUT_A_DISPATCHER = """
import torch

def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    norm = "_".join(["layer", "norm"])
    text = torch.jit.CompilationUnit(
        "def f(x, w, b):\\n"
        f"    return torch.{{norm}}(x, [{{x.shape[-1]}}], w, b, {{eps}}, False) + 0\\n"
    )
    run = {run}
    return run((x + sublayer_out).detach(), weight.detach(), bias.detach())
"""


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_runtime_without_the_dispatcher_earns_nothing(grade_source, runtime):
    """A graph with a forbidden operator is not run by another of torch's ways to run one."""
    report = grade_source("37", WITHOUT_A_DISPATCHER.format(run=RUNTIMES[runtime]))
    assert (report.status, report.score) == (Status.REJECTED, 0), report.reason
    assert "it reaches what is forbidden here another way" in report.reason


# What torch does the same with under another name: (exercise, the function, a call that finds it by
# a name put together at run time). The last is empty where torch loads the module as late as that.
ALIKE = {
    "a helper of the forbidden function": (
        "14",
        "torch.autograd.functional._jacfwd",
        "(lambda x: x, torch.ones(2))",
    ),
    "a check that computes the same": (
        "14",
        "torch.autograd.gradcheck._get_numerical_jacobian",
        "(lambda x: x, torch.ones(2))",
    ),
    "torch's own Python version of a part": (
        "37",
        "torch._refs._normalize",
        "(torch.ones(2, 3), [-1], 1e-5)",
    ),
    "another operator of that shape": (
        "10",
        "torch.nn.Unfold",
        "((3, 1))(torch.empty(1, 1, 5, 1, device='meta'))",
    ),
    "another layer of that shape": ("10", "torch.nn.MaxPool2d", "(3)(torch.ones(1, 5, 5))"),
    "shapes for a compiler": ("10", "torch._meta_registrations.calc_conv_nd_return_shape", "()"),
    "shapes for TorchScript": ("10", "torch.jit._shape_functions.conv_output_size", ""),
    "an operator of another standard": ("3", "torch.onnx.ops.attention", ""),
    "the same, in a module's call": ("34", "torch.onnx.ops.attention", ""),
}


@pytest.mark.parametrize("what", ALIKE)
def test_what_does_the_same_under_another_name_is_forbidden(grade_source, what):
    """By its name in the source and, where torch has it from the beginning, by its call."""
    number, name, call = ALIKE[what]
    home, _, last = name.rpartition(".")
    plain = grade_source(number, f"import {home}\n{home}.{last}()\n")
    assert (plain.status, plain.score, plain.line) == (Status.REJECTED, 0, 2)
    if call:
        where, which = (
            "'" + "".join(f"\\x{ord(sign):02x}" for sign in part[::-1]) + "'[::-1]"
            for part in (home, last)
        )
        text = f"import sys, torch, {home}\nf = vars(sys.modules[{where}])[{which}]\n"
        report = grade_source(number, f"{HELP}{text}f{call}\n")
        assert (report.status, report.score) == (Status.REJECTED, 0), report.reason
        assert "calls" in report.reason
