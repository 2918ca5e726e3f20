"""What a submission does to torch's global state while it is loaded changes no verdict; what a call
leaves changed, and others depend on, costs points."""

import pytest

from grader.course import model as course
from grader.judge.effort import Effort

REFERENCE = (course.bundled() / "solutions/ex03_attention_scoring/reference.py").read_text()
STATES = [
    "torch.set_grad_enabled(False)",
    "torch.no_grad().__enter__()",
    "torch.inference_mode().__enter__()",
    "torch.autograd.set_detect_anomaly(True)",
    "torch.autograd.detect_anomaly().__enter__()",
    "torch.use_deterministic_algorithms(True)",
    "torch.set_default_device('meta')",
    "torch.set_default_device('cpu')",
    "torch.set_default_device('cuda')",
    "torch.set_num_threads(4)",
    "torch.set_default_dtype(torch.float64)",
    "torch.set_default_dtype(torch.float16)",
    "torch.set_autocast_enabled('cpu', True)",
    "torch.autocast('cpu').__enter__()",
    "torch.set_printoptions(precision=2)",
    "torch.manual_seed(0)",
    "torch.set_flush_denormal(True)",
    "torch.set_float32_matmul_precision('highest')",
    "torch.backends.cudnn.deterministic = True",
    "import random; random.seed(0)",
    "import warnings; warnings.simplefilter('ignore')",
]


@pytest.mark.slow
@pytest.mark.parametrize("setting", STATES)
def test_what_is_set_while_a_file_is_loaded_makes_no_difference(setting, grade_source):
    """A right answer is right, whatever experiments stand below it."""
    report = grade_source("3", f"{REFERENCE}\n{setting}\n", speed=False)
    assert report.score == 100, [p.message for p in report.properties if p.message]


def leaving(setting: str) -> str:
    """The reference, whose second function does `setting` once it has its result."""
    text = REFERENCE.replace(
        "    return weights @ values, weights",
        f"    result = weights @ values, weights\n    {setting}\n    return result",
    )
    assert text != REFERENCE
    return text


@pytest.mark.slow
@pytest.mark.parametrize("setting", [*STATES[2:8], "torch.set_num_threads(1)"])
def test_what_a_call_sets_makes_no_difference_to_what_follows(setting, grade_source):
    """So it is with what a function sets once it has its result, of what only it is for."""
    report = grade_source("3", leaving(setting), speed=False)
    assert report.score == 100, [p.message for p in report.properties if p.message]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("torch.set_grad_enabled(False)", "gradients switched off"),
        ("torch.no_grad().__enter__()", "gradients switched off"),
        ("torch.set_default_dtype(torch.float64)", "default dtype is another"),
        ("torch.set_num_threads(4)", "number of threads is another"),
        ("torch.manual_seed(0)", "random numbers are not the same"),
        ("torch.rand(1)", "random numbers are not the same"),
    ],
)
def test_what_a_call_leaves_changed_costs_the_property_of_side_effects(setting, said, grade_source):
    """Others depend on it: what they do next is not what they meant."""
    report = grade_source("3", leaving(setting), speed=False, effort=Effort.EVERY)
    (failed,) = [p for p in report.properties if p.score < p.max_score]
    assert failed.name == "test_inputs"
    assert said in failed.message


@pytest.mark.slow
@pytest.mark.parametrize("holder", ["torch.nn.Linear(2, 3)", "torch.nn.RNNCellBase(2, 3, True, 4)"])
def test_a_module_that_only_holds_parameters_costs_nothing(holder, grade_source):
    """What torch draws to fill them is nobody's wish."""
    report = grade_source("3", leaving(holder), speed=False)
    assert report.score == 100, [p.message for p in report.properties if p.message]


@pytest.mark.slow
def test_an_answer_that_cuts_gradients_off_still_loses(grade_source):
    """What the function itself does without gradients has none."""
    text = REFERENCE.replace("    d = ", "    torch.set_grad_enabled(False)\n    d = ")
    report = grade_source("3", text, speed=False, effort=Effort.EVERY)
    failed = [p.name for p in report.properties if p.score < p.max_score]
    assert "test_gradients" in failed


@pytest.mark.slow
def test_a_default_dtype_that_matters_is_named(grade_source):
    """Where the result has another dtype than it should, so is the line that sets the default."""
    text = REFERENCE.replace(
        "    return queries", "    queries = queries + torch.zeros(d)\n    return queries"
    )
    setting = "torch.set_default_dtype(torch.float64)"
    text_with_it = text.replace("import torch\n", f"import torch\n{setting}\n", 1)
    report = grade_source("3", text_with_it, only="test_precision")
    (failed,) = report.properties
    line = text.split("\n").index("import torch") + 2
    assert f"default dtype at line {line}" in failed.message
