"""Exercise 47, an encoder, and a decoder that attends: what any right answer obeys."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.judge import laws
from grader.judge import laws_of_modules as modules
from grader.judge.compare import ROUNDING, agree
from grader.judge.laws_of_modules import Case, Form, hold_whole, made, sized
from grader.judge.strategies import SEEDS, Draws, sizes

ENCODER, DECODER = "Seq2SeqEncoder", "Seq2SeqAttentionDecoder"
STEP = ("test_step",)


def recurrent(width, h, layers):
    """The shapes of a GRU's parameters, by name."""
    found = {}
    for k in range(layers):
        found |= {
            f"rnn.weight_ih_l{k}": (3 * h, width if k == 0 else h),
            f"rnn.weight_hh_l{k}": (3 * h, h),
            f"rnn.bias_ih_l{k}": (3 * h,),
            f"rnn.bias_hh_l{k}": (3 * h,),
        }
    return found


def encoder_shapes(v, e, h, layers):
    return {"embedding.weight": (v, e)} | recurrent(e, h, layers)


def decoder_shapes(v, e, h, layers):
    return {
        "embedding.weight": (v, e),
        "attention.W_k.weight": (h, h),
        "attention.W_q.weight": (h, h),
        "attention.v.weight": (1, h),
        **recurrent(h + e, h, layers),
        "dense.weight": (v, h),
        "dense.bias": (v,),
    }


def sources(layers=(1, 3)):
    """Cases of encoders."""

    @modules.cases_of
    def cases(draw):
        n, s, v, e, h = draw(sizes(5, most=6))
        args = v, e, h, draw(st.integers(*layers))
        tokens = st.integers(0, 2**16).map(
            lambda seed: torch.randint(v, (n, s), generator=torch.Generator().manual_seed(seed))
        )
        return Form(args, {}, encoder_shapes(*args), [tokens])

    return cases


def decoding(args, n, s, t, seed, dtype=torch.float64):
    """The case of a decoder of these sizes: it goes on from a state of any numbers."""
    draws = Draws(seed, dtype)
    v, _, h, layers = args
    weights = {name: draws.tensor(*shape) * 2 for name, shape in decoder_shapes(*args).items()}
    state = draws.tensor(n, s, h) * h**0.5, draws.tensor(layers, n, h) * h**0.5
    return Case(args, {}, weights, (draws.below(v, n, t), (*state, 1 + draws.below(s, n))))


@st.composite
def targets(draw, dtype=torch.float64, layers=(1, 3), steps=(1, 3)):
    """Cases of decoders."""
    n, s, v, e, h = draw(sizes(5, most=6))
    args = v, e, h, draw(st.integers(*layers))
    return decoding(args, n, s, draw(st.integers(*steps)), draw(SEEDS), dtype)


test_encoder_parameters = modules.parameters(
    sources()(),
    ENCODER,
    ordered=False,
    points=4,
    title="The encoder has an embedding and an rnn, with their parameters and no others.",
)
test_encoder = modules.outputs(
    sources()(),
    ENCODER,
    points=10,
    needs=["test_encoder_parameters"],
    title="The encoder gives the top layer's outputs, time first, and every layer's last state.",
    examples=20,
)
test_decoder_parameters = modules.parameters(
    targets(),
    DECODER,
    ordered=False,
    points=4,
    title="The decoder has embedding, attention, rnn and dense, and no other parameters.",
)


@pytest.mark.points(10)
@pytest.mark.needs("test_decoder_parameters")
@laws.FEW
@given(targets(), SEEDS)
def test_init_state(student, reference, case, seed):
    """The first state is the encoder's outputs, batch first, its last states, and the lengths."""
    memory, hidden, lengths = case.inputs[1]
    encoded = memory.transpose(0, 1).contiguous(), hidden
    mine, right = made(student, DECODER, case), made(reference, DECODER, case)
    agree(mine.init_state(encoded, lengths), right.init_state(encoded, lengths))
    # The encoder learns by what comes back through it.
    gradients = [each.init_state.gradients(encoded, lengths, seed=seed) for each in (mine, right)]
    agree(*gradients)


test_step = modules.outputs(
    targets(layers=(1, 1), steps=(1, 1)),
    DECODER,
    points=14,
    needs=["test_decoder_parameters"],
    title="One step of one layer is exercise 36's, with the scores of the next token behind it.",
    examples=20,
)
test_steps = modules.outputs(
    targets(layers=(1, 1), steps=(2, 3)),
    DECODER,
    points=10,
    needs=STEP,
    title="Tokens are read one after another, and each step asks with the state behind the last.",
    examples=15,
)
test_layers = modules.outputs(
    targets(layers=(2, 3)),
    DECODER,
    points=8,
    needs=STEP,
    title="With several layers the top one asks, and every one has its state.",
    examples=15,
)


@pytest.mark.points(8)
@pytest.mark.needs("test_encoder", "test_init_state", "test_layers")
@laws.FEW
@given(sources()(), st.integers(1, 3), SEEDS)
def test_together(student, reference, case, steps, seed):
    """The encoder's outputs, by way of init_state, are what the decoder reads."""
    (tokens,) = case.inputs
    other = decoding(case.args, *tokens.shape, steps, seed)
    written, (_, _, lengths) = other.inputs
    results = []
    for owner in (student, reference):
        encoded = made(owner, ENCODER, case)(tokens)
        decoder = made(owner, DECODER, other)
        results.append(decoder(written, decoder.init_state(encoded, lengths)))
    agree(*results)


@pytest.mark.points(5)
@pytest.mark.needs("test_steps")
@laws.FEW
@given(targets(steps=(2, 4)))
def test_in_two_parts(student, case):
    """A sequence may be written in two calls, the second with the state of the first."""
    tokens, state = case.inputs
    decoder = made(student, DECODER, case)
    scores, after = decoder(tokens, state)
    first, between = decoder(tokens[:, :1], state)
    second, end = decoder(tokens[:, 1:], between)
    agree((torch.cat((first, second), 1), end), (scores, after), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@laws.FEW
@given(targets(), st.sampled_from((-1e6, 1e6)))
def test_padding(student, case, filler):
    """What stands in the padding of the encoder's outputs changes nothing, however large."""
    tokens, (memory, hidden, lengths) = case.inputs
    padding = (torch.arange(memory.shape[1]) >= lengths[:, None])[..., None]
    decoder = made(student, DECODER, case)
    scores, (_, end, _) = decoder(tokens, (memory, hidden, lengths))
    filled = memory.masked_fill(padding, filler)
    again, (_, other, _) = decoder(tokens, (filled, hidden, lengths))
    agree((again, other), (scores, end), within=ROUNDING)


test_encoder_gradients = modules.gradients(sources()(), ENCODER, points=4, needs=["test_encoder"])
test_gradients = modules.gradients(targets(), DECODER, points=4, needs=STEP)
test_encoder_round_trip = modules.round_trip(sources()(), ENCODER, points=2, needs=["test_encoder"])
test_round_trip = modules.round_trip(targets(), DECODER, points=3, needs=STEP)
test_encoder_apart = modules.apart(sources()(), ENCODER, points=2, needs=["test_encoder"])
test_apart = modules.apart(targets(), DECODER, points=2, needs=STEP)
test_layout = modules.layout(targets(), DECODER, points=2, needs=STEP)


# Arguments of both, then samples, words read, words written: first no two sizes alike, then each
# long once, then such as coincide.
LARGER = (
    ((6, 5, 4, 2), 3, 7, 2),
    ((4, 3, 2, 1), 25, 24, 2),
    ((30, 26, 2, 1), 2, 3, 22),
    ((5, 5, 25, 1), 4, 2, 3),
    ((4, 3, 2, 22), 3, 2, 2),
    ((3, 4, 3, 3), 3, 3, 3),
    ((2, 1, 1, 1), 1, 1, 1),
)


@pytest.mark.points(3)
@pytest.mark.needs("test_encoder", "test_init_state", "test_layers")
def test_larger(student, reference, seed):
    """It is also right for larger inputs, in corner cases, and in float32."""
    for number, (args, n, s, t) in enumerate(LARGER):
        corners = number == 0
        case = decoding(args, n, s, t, seed + number)
        memory, hidden, lengths = case.inputs[1]
        mine, right = made(student, DECODER, case), made(reference, DECODER, case)
        hold_whole(mine, right, case.inputs, seed, corners=corners)
        encoded = (memory.transpose(0, 1).contiguous(), hidden), lengths
        hold_whole(mine, right, encoded, seed, method="init_state", corners=corners)
        tokens = Draws(seed + number).below(args[0], n, s)
        case = sized(Form(args, {}, encoder_shapes(*args), [tokens]), seed + number)
        mine, right = made(student, ENCODER, case), made(reference, ENCODER, case)
        hold_whole(mine, right, case.inputs, seed, corners=corners)
    case = decoding((9, 5, 6, 2), 4, 7, 3, seed, torch.float32)
    mine, right = made(student, DECODER, case), made(reference, DECODER, case)
    agree(mine(*case.inputs), right(*case.inputs))
