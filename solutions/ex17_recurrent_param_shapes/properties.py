"""Exercise 17, the parameters of a recurrent module: what any right answer obeys."""

from itertools import product
from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.judge.compare import agree
from grader.judge.strategies import spread

MODES = ("RNN", "GRU", "LSTM")
FLAGS = (False, True)


class Sizes(NamedTuple):
    """Sizes that tell themselves apart: all differ, and proj_size is less than hidden_size."""

    input_size: int
    hidden_size: int
    num_layers: int
    proj_size: int


@st.composite
def sizes(draw, least_layers=1):
    proj, hidden = sorted(draw(st.permutations(range(1, 9)))[:2])
    others = [size for size in range(1, 12) if size not in (proj, 2 * proj, hidden, 2 * hidden)]
    layers, reads = draw(st.integers(least_layers, 3)), draw(st.sampled_from(others))
    # Times the same number, all differ as before.
    times = draw(st.one_of(st.just(1), spread(2, 300)))
    return Sizes(times * reads, times * hidden, layers, times * proj)


@pytest.mark.points(5)
def test_anchor(student):
    """nn.LSTM(3, 5) has two weights, (20, 3) and (20, 5), and two biases, (20,)."""
    right = {
        "weight_ih_l0": (20, 3),
        "weight_hh_l0": (20, 5),
        "bias_ih_l0": (20,),
        "bias_hh_l0": (20,),
    }
    agree(student.recurrent_param_shapes("LSTM", 3, 5), right)


@pytest.mark.points(15)
@given(sizes())
def test_modes(student, reference, size):
    """One layer of an RNN has one block of H rows, of a GRU three, of an LSTM four."""
    for mode in MODES:
        layer = mode, size.input_size, size.hidden_size
        agree(student.recurrent_param_shapes(*layer), reference.recurrent_param_shapes(*layer))


@pytest.mark.points(10)
@pytest.mark.needs("test_modes")
@given(sizes())
def test_bias(student, size):
    """Without biases only the weights remain, unchanged."""
    for mode in MODES:
        layer = mode, size.input_size, size.hidden_size
        whole = student.recurrent_param_shapes(*layer, bias=True)
        weights = {name: shape for name, shape in whole.items() if name.startswith("weight")}
        agree(student.recurrent_param_shapes(*layer, bias=False), weights)


@pytest.mark.points(15)
@pytest.mark.needs("test_modes")
@given(sizes(least_layers=2))
def test_layers(student, size):
    """A deep module is a stack of layers; all but the first read the H numbers of the one below."""
    for mode, layers in zip(MODES, (size.num_layers, 22, 4), strict=True):
        stack = {}
        first, others = (
            student.recurrent_param_shapes(mode, reads, size.hidden_size)
            for reads in (size.input_size, size.hidden_size)
        )
        for layer in range(layers):
            single = others if layer else first
            stack |= {name.replace("l0", f"l{layer}"): shape for name, shape in single.items()}
        agree(student.recurrent_param_shapes(mode, *size[:2], layers), stack)


@pytest.mark.points(15)
@pytest.mark.needs("test_modes")
@given(sizes())
def test_directions(student, reference, size):
    """Each layer has a set for each direction; layers above the first read both directions."""
    for mode, layers in product(MODES, (1, size.num_layers, 11)):
        module = mode, size.input_size, size.hidden_size, layers, True
        agree(student.recurrent_param_shapes(*module), reference.recurrent_param_shapes(*module))


@pytest.mark.points(15)
@pytest.mark.needs("test_modes")
@given(sizes())
def test_projection(student, reference, size):
    """A projection (P, H) comes last in its set; whatever reads h then has P columns."""
    for reads, layers in ((size.input_size, 1), (size.proj_size, size.num_layers)):
        module = "LSTM", reads, size.hidden_size, layers
        projection = {"proj_size": size.proj_size}
        right = reference.recurrent_param_shapes(*module, **projection)
        agree(student.recurrent_param_shapes(*module, **projection), right)


@pytest.mark.points(15)
@pytest.mark.needs("test_modes")
@given(sizes())
def test_builtin(student, size):
    """Names, shapes and order match torch's own module, in every combination."""
    *module, proj_size = size
    projections = [(mode, 0) for mode in MODES] + [("LSTM", proj_size)]
    for (mode, proj), both, bias in product(projections, FLAGS, FLAGS):
        # torch refuses to be asked about a projection outside LSTM, a size of 0 too.
        options = {"bidirectional": both, "bias": bias} | ({"proj_size": proj} if proj else {})
        torchs = getattr(torch.nn, mode)(*module, **options, device="meta")
        right = {name: tuple(parameter.shape) for name, parameter in torchs.named_parameters()}
        agree(student.recurrent_param_shapes(mode, *module, **options), right)


@pytest.mark.points(10)
@pytest.mark.needs("test_anchor")
@given(sizes(), st.booleans(), st.booleans())
def test_refused(student, size, both, bias):
    """An unknown mode, or a projection without LSTM, raises ValueError."""
    *module, proj_size = size
    options = {"bidirectional": both, "bias": bias}
    for mode in ("", "lstm", "RNN_TANH", "GRUCell", "Transformer"):
        student.recurrent_param_shapes.raises(ValueError, mode, *module, **options)
    options["proj_size"] = proj_size
    for mode in ("RNN", "GRU", "Transformer"):
        student.recurrent_param_shapes.raises(ValueError, mode, *module, **options)
