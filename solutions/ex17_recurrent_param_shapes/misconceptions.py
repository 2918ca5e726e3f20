"""Exercise 17, the parameters of a recurrent module: what people really write.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

_right = recurrent_param_shapes


def _edited(edit, mode, *sizes, **options):
    """The right shapes, each changed by `edit(kind, layer, shape)`, left out where that is None."""
    shapes = {}
    for name, shape in _right(mode, *sizes, **options).items():
        kind, _, end = name.rpartition("_l")
        shapes[name] = edit(kind, int(end.removesuffix("_reverse")), shape)
    return {name: shape for name, shape in shapes.items() if shape is not None}


def _with_blocks(wrong_mode, blocks, mode, *sizes, **options):
    """As if `wrong_mode` had that many blocks."""
    hidden_size = sizes[1]

    def edit(kind, layer, shape):
        return shape if kind == "weight_hr" else (blocks * hidden_size, *shape[1:])

    return _edited(edit if mode == wrong_mode else lambda *it: it[-1], mode, *sizes, **options)


class GruOfFour:
    """You seem to give a GRU four blocks; it has no cell, and three: reset, update, candidate."""

    caught_by = "test_modes"

    def recurrent_param_shapes(mode, *sizes, **options):
        return _with_blocks("GRU", 4, mode, *sizes, **options)


class GruOfTwo:
    """You seem to count the two gates of a GRU only; its candidate needs a third block."""

    caught_by = "test_modes"

    def recurrent_param_shapes(mode, *sizes, **options):
        return _with_blocks("GRU", 2, mode, *sizes, **options)


class LstmOfThree:
    """You seem to count the three gates of an LSTM only; its candidate needs a fourth block."""

    caught_by = "test_anchor"

    def recurrent_param_shapes(mode, *sizes, **options):
        return _with_blocks("LSTM", 3, mode, *sizes, **options)


class Transposed:
    """Your weights look transposed; torch applies them as x @ w.T, so the blocks are rows."""

    caught_by = "test_anchor"

    def recurrent_param_shapes(*module, **options):
        return _edited(lambda kind, layer, shape: shape[::-1], *module, **options)


class OneBias:
    """You seem to keep one bias only; torch has two, bias_ih and bias_hh."""

    caught_by = "test_anchor"

    def recurrent_param_shapes(*module, **options):
        def edit(kind, layer, shape):
            return None if kind == "bias_hh" else shape

        return _edited(edit, *module, **options)


class BiasBesideWeight:
    """Your biases follow their weights; torch lists both weights first: ih, hh, then the biases."""

    caught_by = "test_anchor"

    def recurrent_param_shapes(*module, **options):
        shapes = _right(*module, **options)
        ordered = {}
        for name, shape in shapes.items():
            bias = name.replace("weight", "bias")
            ordered |= {name: shape} if name not in ordered else {}
            ordered |= {bias: shapes[bias]} if bias in shapes else {}
        return ordered


class AlwaysBias:
    """You list biases even where `bias` is False."""

    caught_by = "test_bias"

    def recurrent_param_shapes(*module, **options):
        return _right(*module, **options | {"bias": True})


class LayersReadInputs:
    """Your upper layers seem to read the inputs; layer 1 reads the hidden states of layer 0."""

    caught_by = "test_layers"

    def recurrent_param_shapes(mode, input_size, *rest, **options):
        def edit(kind, layer, shape):
            return (shape[0], input_size) if kind == "weight_ih" else shape

        return _edited(edit, mode, input_size, *rest, **options)


class OrderedByKind:
    """You list one kind of tensor for all layers, then the next; keep each layer's set together."""

    caught_by = "test_layers"

    def recurrent_param_shapes(*module, **options):
        shapes = _right(*module, **options)
        kinds = list(dict.fromkeys(name.rpartition("_l")[0] for name in shapes))
        return {name: shapes[name] for kind in kinds for name in shapes if name.startswith(kind)}


class OneDirectionRead:
    """Your upper layers seem to read one direction; both lie side by side below them: 2H."""

    caught_by = "test_directions"

    def recurrent_param_shapes(mode, *sizes, **options):
        one_way = _right(mode, *sizes[:3], **options | {"bidirectional": False})
        both = _right(mode, *sizes, **options)
        return {name: one_way[name.removesuffix("_reverse")] for name in both}


class ReverseAtTheEnd:
    """You list the reverse direction after all layers; each layer has its own, before the next."""

    caught_by = "test_directions"

    def recurrent_param_shapes(*module, **options):
        return dict(
            sorted(_right(*module, **options).items(), key=lambda item: "_reverse" in item[0])
        )


class DirectionsInPairs:
    """You list each tensor next to its reverse; the whole forward set comes before the reverse."""

    caught_by = "test_directions"

    def recurrent_param_shapes(*module, **options):
        shapes = _right(*module, **options)
        ordered = {}
        for name in shapes:
            pair = (name, f"{name}_reverse")
            ordered |= {each: shapes[each] for each in pair if each in shapes}
        return ordered


class DirectionIgnored:
    """You seem to ignore `bidirectional`: it gives every layer a second set, named _reverse."""

    caught_by = "test_directions"

    def recurrent_param_shapes(mode, *sizes, **options):
        return _right(mode, *sizes[:3], **options | {"bidirectional": False})


class ProjectionNotReadByStep:
    """Your weight_hh ignores the projection; the next step reads the projected h, of size P."""

    caught_by = "test_projection"

    def recurrent_param_shapes(mode, input_size, hidden_size, *rest, **options):
        def edit(kind, layer, shape):
            return (shape[0], hidden_size) if kind == "weight_hh" else shape

        return _edited(edit, mode, input_size, hidden_size, *rest, **options)


class ProjectionNotReadAbove:
    """Your upper layers seem to read states of size H; with a projection, they read size P."""

    caught_by = "test_projection"

    def recurrent_param_shapes(*module, **options):
        plain = _right(*module, **options | {"proj_size": 0})

        def edit(name, shape):
            return plain[name] if name.startswith("weight_ih") else shape

        return {name: edit(name, shape) for name, shape in _right(*module, **options).items()}


class ProjectionTransposed:
    """Your weight_hr looks transposed: it makes P numbers of H, and torch keeps it as (P, H)."""

    caught_by = "test_projection"

    def recurrent_param_shapes(*module, **options):
        def edit(kind, layer, shape):
            return shape[::-1] if kind == "weight_hr" else shape

        return _edited(edit, *module, **options)


class ProjectionForgotten:
    """Your weight_hr seems to be missing: the projection itself is a parameter."""

    caught_by = "test_projection"

    def recurrent_param_shapes(*module, **options):
        def edit(kind, layer, shape):
            return None if kind == "weight_hr" else shape

        return _edited(edit, *module, **options)


class ProjectionIgnored:
    """You seem to ignore `proj_size` in an LSTM; it adds weight_hr, and makes h smaller."""

    caught_by = "test_projection"

    def recurrent_param_shapes(*module, **options):
        _right(*module, **options)
        return _right(*module, **options | {"proj_size": 0})


class ProjectionInGates:
    """Your gates seem to shrink with the projection; they work on the cell, which keeps size H."""

    caught_by = "test_projection"

    def recurrent_param_shapes(*module, **options):
        size = options.get("proj_size", 0)

        def edit(kind, layer, shape):
            return shape if kind == "weight_hr" or not size else (4 * size, *shape[1:])

        return _edited(edit, *module, **options)


class ProjectionBeforeBiases:
    """You list weight_hr among the weights; it comes last in its set, after the biases."""

    caught_by = "test_projection"

    def recurrent_param_shapes(*module, **options):
        names = list(shapes := _right(*module, **options))
        for name in [name for name in names if name.startswith("weight_hr")]:
            names.remove(name)
            names.insert(names.index(name.replace("hr", "hh")) + 1, name)
        return {name: shapes[name] for name in names}


class AnyMode:
    """You never refuse a mode; raise ValueError for all but "RNN", "GRU" and "LSTM"."""

    caught_by = "test_refused"

    def recurrent_param_shapes(mode, *sizes, **options):
        return _right(mode if mode in _BLOCKS else "RNN", *sizes, **options)


class AnyCase:
    """You take "lstm" for "LSTM"; the mode must be spelled as it is, or ValueError is raised."""

    caught_by = "test_refused"

    def recurrent_param_shapes(mode, *sizes, **options):
        return _right(mode.upper(), *sizes, **options)


class ProjectionAnywhere:
    """You never refuse a projection; outside LSTM, a proj_size that is not 0 raises ValueError."""

    caught_by = "test_refused"

    def recurrent_param_shapes(mode, *sizes, **options):
        return _right(mode, *sizes, **options if mode == "LSTM" else options | {"proj_size": 0})
