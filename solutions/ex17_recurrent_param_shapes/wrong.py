"""Exercise 17, the parameters of a recurrent module: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class AlwaysLstm:
    """Gives every module the rows of an LSTM."""

    diff = """
    - rows = _BLOCKS[mode] * hidden_size
    + rows = 4 * hidden_size
    """


class Assertion:
    """Raises AssertionError."""

    diff = """
    - if mode not in _BLOCKS:
    -     raise ValueError(f"mode must be one of {', '.join(_BLOCKS)}")
    - if proj_size and mode != "LSTM":
    -     raise ValueError("only an LSTM has a projection")
    + assert mode in _BLOCKS
    + assert not proj_size or mode == "LSTM"
    """


class BiasMatrix:
    """Gives a bias two axes."""

    diff = """
    - shapes[f"bias_ih_{end}"] = (rows,)
    - shapes[f"bias_hh_{end}"] = (rows,)
    + shapes[f"bias_ih_{end}"] = (rows, 1)
    + shapes[f"bias_hh_{end}"] = (rows, 1)
    """


class BiasNumber:
    """Gives a bias's size as a number, not a tuple."""

    diff = """
    - shapes[f"bias_ih_{end}"] = (rows,)
    - shapes[f"bias_hh_{end}"] = (rows,)
    + shapes[f"bias_ih_{end}"] = rows
    + shapes[f"bias_hh_{end}"] = rows
    """


class BiasOfHidden:
    """Gives the hidden bias no blocks."""

    diff = """
    - shapes[f"bias_hh_{end}"] = (rows,)
    + shapes[f"bias_hh_{end}"] = (hidden_size,)
    """


class Cells:
    """Takes the names of cells for modes."""

    diff = """
    - if mode not in _BLOCKS:
    -     raise ValueError(f"mode must be one of {', '.join(_BLOCKS)}")
    - if proj_size and mode != "LSTM":
    -     raise ValueError("only an LSTM has a projection")
    - rows = _BLOCKS[mode] * hidden_size
    + if mode.removesuffix("Cell") not in _BLOCKS or (proj_size and mode != "LSTM"):
    +     raise ValueError("there is no such module")
    + rows = _BLOCKS[mode.removesuffix("Cell")] * hidden_size
    """


class Counts:
    """Gives the number of elements, not the shape."""

    diff = """
    - return shapes
    + return {
    +     name: shape[0] * shape[-1] if len(shape) > 1 else shape[0] for name, shape in shapes.items()
    + }
    """


class FourLayers:
    """Stops after four layers."""

    diff = """
    - for layer in range(num_layers):
    + for layer in range(min(num_layers, 4)):
    """


class FromLayerOne:
    """Numbers the layers from 1."""

    diff = """
    - end = f"l{layer}{direction}"
    + end = f"l{layer + 1}{direction}"
    """


class HiddenFirst:
    """Lists the hidden weights before the input weights."""

    diff = """
    + shapes[f"weight_hh_{end}"] = (rows, state_size)
      shapes[f"weight_ih_{end}"] = (rows, reads)
    - shapes[f"weight_hh_{end}"] = (rows, state_size)
    """


class KeyError:
    """Raises KeyError for a mode that it does not know."""

    diff = """
    - if mode not in _BLOCKS:
    -     raise ValueError(f"mode must be one of {', '.join(_BLOCKS)}")
      if proj_size and mode != "LSTM":
    -     raise ValueError("only an LSTM has a projection")
    +     raise ValueError("there is no such module")
    """


class LayersAsText:
    """Sorts the layers as text, so that layer 10 comes before layer 2."""

    diff = """
    - return shapes
    + return dict(sorted(shapes.items(), key=lambda item: item[0].rpartition("_l")[2].split("_")[0]))
    """


class LayersGrow:
    """Lets every layer read the states of all layers below."""

    diff = """
    - reads = state_size * len(directions)
    + reads += state_size * len(directions)
    """


class ListOfPairs:
    """Returns a list of pairs."""

    diff = """
    - return shapes
    + return list(shapes.items())
    """


class Nonlinearity:
    """Takes RNN_TANH for a mode."""

    diff = """
    - if mode not in _BLOCKS:
    -     raise ValueError(f"mode must be one of {', '.join(_BLOCKS)}")
    - if proj_size and mode != "LSTM":
    -     raise ValueError("only an LSTM has a projection")
    - rows = _BLOCKS[mode] * hidden_size
    + if mode.split("_")[0] not in _BLOCKS or (proj_size and mode != "LSTM"):
    +     raise ValueError("there is no such module")
    + rows = _BLOCKS[mode.split("_")[0]] * hidden_size
    """


class OneDigit:
    """Numbers the layers by their last digit."""

    diff = """
    - end = f"l{layer}{direction}"
    + end = f"l{layer % 10}{direction}"
    """


class ProjectedGru:
    """Refuses a projection of an RNN only."""

    diff = """
    - if mode not in _BLOCKS:
    -     raise ValueError(f"mode must be one of {', '.join(_BLOCKS)}")
    - if proj_size and mode != "LSTM":
    -     raise ValueError("only an LSTM has a projection")
    + if mode not in _BLOCKS or (proj_size and mode == "RNN"):
    +     raise ValueError("there is no such module")
    """


class ProjectedRnn:
    """Refuses a projection of a GRU only."""

    diff = """
    - if mode not in _BLOCKS:
    -     raise ValueError(f"mode must be one of {', '.join(_BLOCKS)}")
    - if proj_size and mode != "LSTM":
    -     raise ValueError("only an LSTM has a projection")
    + if mode not in _BLOCKS or (proj_size and mode == "GRU"):
    +     raise ValueError("there is no such module")
    """


class ProjectionBias:
    """Leaves weight_hr out where bias=False."""

    diff = """
    - if proj_size:
    + if proj_size and bias:
    """


class ProjectionForwards:
    """Projects in the forward direction only."""

    diff = """
    - if proj_size:
    + if proj_size and not direction:
    """


class ProjectionNotDoubled:
    """Lets upper layers read one direction of a projected LSTM."""

    diff = """
    - reads = state_size * len(directions)
    + reads = state_size * (1 + (bidirectional and not proj_size))
    """


class ProjectionOfRows:
    """Projects all blocks at once."""

    diff = """
    - shapes[f"weight_hr_{end}"] = (proj_size, hidden_size)
    + shapes[f"weight_hr_{end}"] = (proj_size, rows)
    """


class ProjectionOfTheLast:
    """Projects in the last layer only."""

    diff = """
    - if proj_size:
    + if proj_size and layer == num_layers - 1:
    """


class ProjectionReadOnce:
    """Lets the second layer alone read the projection."""

    diff = """
    - reads = state_size * len(directions)
    + reads = (state_size if layer == 0 else hidden_size) * len(directions)
    """


class RefusesDirections:
    """Refuses a bidirectional projection."""

    diff = """
    - if mode not in _BLOCKS:
    -     raise ValueError(f"mode must be one of {', '.join(_BLOCKS)}")
    - if proj_size and mode != "LSTM":
    -     raise ValueError("only an LSTM has a projection")
    + if mode not in _BLOCKS or (proj_size and (mode != "LSTM" or bidirectional)):
    +     raise ValueError("there is no such module")
    """


class Remembers:
    """Keeps one dict for all calls, so that names of earlier calls stay in it."""

    diff = """
    - shapes: dict[str, tuple[int, ...]] = {}
    + shapes = SHAPES
    """

    SHAPES = {}


class ReturnsError:
    """Returns the error instead of raising it."""

    diff = """
    - if mode not in _BLOCKS:
    -     raise ValueError(f"mode must be one of {', '.join(_BLOCKS)}")
    - if proj_size and mode != "LSTM":
    -     raise ValueError("only an LSTM has a projection")
    + if mode not in _BLOCKS or (proj_size and mode != "LSTM"):
    +     return ValueError("there is no such module")
    """


class ReverseAfterNumber:
    """Names the reverse direction before the layer."""

    diff = """
    - end = f"l{layer}{direction}"
    + end = f"{direction[1:]}l{layer}"
    """


class ReverseFirst:
    """Lists the reverse direction first."""

    diff = """
    - directions = ("", "_reverse") if bidirectional else ("",)

    - for direction in directions:
    + for direction in ("_reverse", "")[1 - bidirectional :]:

    - reads = state_size * len(directions)
    + reads = state_size * (1 + bidirectional)
    """


class ReverseOnce:
    """Gives the first layer alone a reverse direction."""

    diff = """
    - directions = ("", "_reverse") if bidirectional else ("",)

    - for direction in directions:
    + for direction in ("", "_reverse")[: 1 + (bidirectional and layer == 0)]:

    - reads = state_size * len(directions)
    + reads = state_size * (1 + bidirectional)
    """


class ReverseReadsStates:
    """Lets the reverse direction read the forward one."""

    diff = """
    - shapes[f"weight_ih_{end}"] = (rows, reads)
    + shapes[f"weight_ih_{end}"] = (rows, reads if not direction else state_size)
    """


class RnnOfTwo:
    """Gives an RNN two blocks."""

    _BLOCKS = {"RNN": 2, "GRU": 3, "LSTM": 4}


class SortedNames:
    """Returns the names in alphabetical order."""

    diff = """
    - return shapes
    + return dict(sorted(shapes.items()))
    """


class Tensors:
    """Gives empty tensors, not their shapes."""

    diff = """
    - return shapes
    + return {name: torch.empty(shape) for name, shape in shapes.items()}
    """


class TextShapes:
    """Gives shapes as text."""

    diff = """
    - return shapes
    + return {name: str(shape) for name, shape in shapes.items()}
    """


class TwoLayers:
    """Knows no more than two layers."""

    diff = """
    - for layer in range(num_layers):
    + for layer in range(min(num_layers, 2)):
    """


class WrongAtMiddleSizes:
    """Right, but with a state of at most 30 where there are more hidden units."""

    diff = """
    - state_size = proj_size or hidden_size
    + state_size = proj_size or min(hidden_size, 30)
    """
