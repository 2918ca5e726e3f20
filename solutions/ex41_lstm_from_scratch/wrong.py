"""Exercise 41, an LSTM from scratch: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class BatchMean:
    """Takes the batch's mean off the candidate."""

    diff = """
    - C_tilda = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    + a = X @ W_xc + H @ W_hc + b_c
    + C_tilda = torch.tanh(a - a.mean(dim=0))
    """


class Bfloat16:
    """Computes the candidate in bfloat16 and casts back."""

    diff = """
    - C_tilda = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    + a = X.bfloat16() @ W_xc.bfloat16() + H.bfloat16() @ W_hc.bfloat16() + b_c.bfloat16()
    + C_tilda = torch.tanh(a).to(X.dtype)
    """


class BiasOfForget:
    """Uses the forget gate's bias in the output gate."""

    diff = """
    - o = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    + o = torch.sigmoid(X @ W_xo + H @ W_ho + b_f)
    """


class CellInPlace:
    """Keeps the cell in the memory of the state that came in."""

    diff = """
    - C = f * C + i * C_tilda
    + C.data.copy_((f * C + i * C_tilda).data)
    + C = C + 0 * f
    """


class Coupled:
    """Lets in what is not kept: 1 - F in place of the input gate."""

    diff = """
    - C = f * C + i * C_tilda
    + C = f * C + (1 - f) * C_tilda
    """


class DetachedBetweenSteps:
    """Detaches the state between steps, as at the border of a truncated sequence."""

    diff = """
    - hiddens.append(H)
    + hiddens.append(H)
    + H, C = H.detach(), C.detach()
    """


class DetachedStart:
    """Detaches the state that comes in, as training on long texts does outside."""

    diff = """
    - H, C = state
    + H, C = (each.detach() for each in state)
    """


class DetachedState:
    """Hands out a detached state."""

    diff = """
    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + return torch.cat(hiddens) @ W_hq + b_q, (H.detach(), C.detach())
    """


class Float32:
    """Rounds the cell to float32."""

    diff = """
    - C = f * C + i * C_tilda
    + C = (f * C + i * C_tilda).float().to(X.dtype)
    """


class ForgetBiasOne:
    """Starts the forget gate's bias at one, as many do."""

    diff = """
    - return [each.requires_grad_() for each in params]
    + params[5] += 1
    + return [each.requires_grad_() for each in params]
    """


class Frozen:
    """Asks for gradients of the weights alone."""

    diff = """
    - return [each.requires_grad_() for each in params]
    + return [each.requires_grad_(each.dim() > 1) for each in params]
    """


class GeneratorIgnored:
    """Draws from torch's global generator."""

    diff = """
    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + return 0.01 * torch.randn(shape, device=generator.device)
    """


class HiddenAfter:
    """Scores the state before each step."""

    diff = """
      for X in inputs:
    +     hiddens.append(H)

    - hiddens.append(H)
    """


class HiddenUpdatedEarly:
    """Puts the cell's new H into the gates of the same step."""

    diff = """
      for X in inputs:
    +     H = torch.tanh(C) * torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    diff = """
    - H, C = state
    + torch.set_grad_enabled(False)
    + H, C = state

    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + Y = torch.cat(hiddens) @ W_hq + b_q
    + torch.set_grad_enabled(True)
    + return Y.requires_grad_(), (H.requires_grad_(), C.requires_grad_())
    """


class OneDraw:
    """Draws the weights on the inputs and those on the state alike."""

    diff = """
    - params += [normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens)]
    + both = normal(max(vocab_size, num_hiddens), num_hiddens)
    + params += [both[:vocab_size].clone(), both[:num_hiddens].clone()]
    """


class OneHotOnly:
    """Takes the largest entry's row for the product, which is right for one-hot inputs."""

    diff = """
    - i = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    + i = torch.sigmoid(W_xi[X.argmax(dim=-1)] + H @ W_hi + b_i)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + return (torch.cat(hiddens) @ W_hq + b_q).float(), (H.float(), C.float())
    """


class Probabilities:
    """Gives probabilities in place of scores."""

    diff = """
    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + return torch.softmax(torch.cat(hiddens) @ W_hq + b_q, dim=-1), (H, C)
    """


class Relu:
    """Uses a relu for the candidate."""

    diff = """
    - C_tilda = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    + C_tilda = torch.relu(X @ W_xc + H @ W_hc + b_c)
    """


class Remembers:
    """Goes on from the state of the last call with the same shapes."""

    diff = """
    - H, C = state
    + H, C = _LAST.get(inputs.shape + state[0].shape, state)

    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + _LAST[inputs.shape + state[0].shape] = H.detach(), C.detach()
    + return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    """

    _LAST = {}


class RowsRepeat:
    """Draws one row of each matrix and repeats it."""

    diff = """
    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + row = 0.01 * torch.randn(shape[1:], generator=generator, device=generator.device)
    + return row.expand(shape).clone()
    """


class SameEveryTime:
    """Keeps the parameters of each size, and hands them out again."""

    diff = """
    - params = []
    + if (kept := _KEPT.get((vocab_size, num_hiddens))) is not None:
    +     return kept
    + params = _KEPT[vocab_size, num_hiddens] = []
    """

    _KEPT = {}


class SeedsTorch:
    """Seeds torch's global generator from the one that is given, and draws from that."""

    diff = """
      params = []
    + torch.manual_seed(generator.initial_seed())

    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + return 0.01 * torch.randn(shape, device=generator.device)
    """


class SeedsTorchByDraw:
    """Seeds torch's global generator with a number drawn from the one that is given."""

    diff = """
      params = []
    + torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))

    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + return 0.01 * torch.randn(shape, device=generator.device)
    """


class StateDrawn:
    """Draws the first state."""

    diff = """
    - return torch.zeros(batch_size, num_hiddens), torch.zeros(batch_size, num_hiddens)
    + return 0.01 * torch.randn(batch_size, num_hiddens), torch.zeros(batch_size, num_hiddens)
    """


class StateOfSamples:
    """Begins every sample with the first one's cell."""

    diff = """
    - H, C = state
    + H, C = state[0], state[1][:1].expand_as(state[1])
    """


class TruncatedNormal:
    """Draws no weight beyond two standard deviations."""

    diff = """
    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + drawn = torch.randn(shape, generator=generator, device=generator.device)
    + return 0.01 * drawn.clamp(-2, 2)
    """


class Truncated:
    """Lets no gradient come back past the fifth step, as in truncated training."""

    diff = """
    - for X in inputs:
    + for t, X in enumerate(inputs):
    +     H, C = (H.detach(), C.detach()) if t == 4 else (H, C)
    """


class Viewed:
    """Needs the sequence to lie in one piece."""

    diff = """
    - H, C = state
    + inputs = inputs.view(-1).view(inputs.shape)
    + H, C = state
    """


class OneBias:
    """Gives all gates one and the same bias."""

    diff = """
    - params = []
    + params, bias = [], zeros(num_hiddens)

    - params.append(zeros(num_hiddens))
    + params.append(bias)
    """


class BiasExpanded:
    """Makes a bias of one number, which stands for all."""

    diff = """
    - return torch.zeros(size, device=generator.device)
    + return torch.zeros(1, device=generator.device).expand(size)
    """


class TransposedTwins:
    """Draws one matrix for the states of all gates, and turns it."""

    diff = """
    - for _ in "ifoc":
    -     params += [normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens)]
    + one = normal(num_hiddens, num_hiddens)
    + for turned in (one, one.T.clone(), one.flip(0), one.T.flip(0)):
    +     params += [normal(vocab_size, num_hiddens), turned]
    """


class TiedOutput:
    """Gives the output layer the weights of the first gate's input, transposed."""

    diff = """
    - params += [normal(num_hiddens, vocab_size), zeros(vocab_size)]
    + params += [params[0].T.clone(), zeros(vocab_size)]
    """


class ThreeSigmas:
    """Draws no weight beyond three standard deviations."""

    diff = """
    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + drawn = torch.randn(shape, generator=generator, device=generator.device)
    + return 0.01 * drawn.clamp(-3, 3)
    """


class ClipHooks:
    """Leaves a hook on every parameter, which clips its gradient."""

    diff = """
    - return [each.requires_grad_() for each in params]
    + for each in params:
    +     each.requires_grad_().register_hook(lambda gradient: gradient.clamp(-1, 1))
    + return params
    """


class StateCached:
    """Keeps the zeros of each size, and hands the same tensors out again."""

    diff = """
    - return torch.zeros(batch_size, num_hiddens), torch.zeros(batch_size, num_hiddens)
    + size = batch_size, num_hiddens
    + if size not in _STATES:
    +     _STATES[size] = torch.zeros(size), torch.zeros(size)
    + return _STATES[size]
    """

    _STATES = {}


class StateOnce:
    """Gives one tensor for both parts of the state."""

    diff = """
    - return torch.zeros(batch_size, num_hiddens), torch.zeros(batch_size, num_hiddens)
    + zeros = torch.zeros(batch_size, num_hiddens)
    + return zeros, zeros
    """


class GradientsLeftOn:
    """Turns gradients off and then on, whatever they were before."""

    diff = """
    - return torch.zeros(batch_size, num_hiddens), torch.zeros(batch_size, num_hiddens)
    + torch.set_grad_enabled(False)
    + state = torch.zeros(batch_size, num_hiddens), torch.zeros(batch_size, num_hiddens)
    + torch.set_grad_enabled(True)
    + return state
    """
