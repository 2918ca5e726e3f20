"""Exercise 41, an LSTM from scratch: what people really write, and the sentence that helps.

Each class is one wrong idea, told by what differs from the reference.
"""


class CandidateThird:
    """You seem to read the parameters as i, f, c, o; the output gate's come third: i, f, o, c."""

    caught_by = "test_forward"
    diff = """
    - W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q = params
    + W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xc, W_hc, b_c, W_xo, W_ho, b_o, W_hq, b_q = params
    """


class ForgetFirst:
    """You seem to take the forget gate's parameters from the first three; the order is i, f, o,
    c."""

    caught_by = "test_forward"
    diff = """
    - W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q = params
    + W_xf, W_hf, b_f, W_xi, W_hi, b_i, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q = params
    """


class NoLeaves:
    """Your weights seem to ask for a gradient before they are scaled: what is multiplied is a
    result, no leaf, and no optimizer takes it. Call requires_grad_() last."""

    caught_by = "test_leaves"
    diff = """
    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + device = generator.device
    + return 0.01 * torch.randn(shape, generator=generator, device=device, requires_grad=True)
    """


class NoGradientsAsked:
    """Your parameters seem to ask for no gradient: call requires_grad_() on each, at the end."""

    caught_by = "test_leaves"
    diff = """
    - return [each.requires_grad_() for each in params]
    + return params
    """


class Unscaled:
    """Your weights seem to be drawn with a standard deviation of 1; multiply by 0.01."""

    caught_by = "test_normal"
    diff = """
    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + return torch.randn(shape, generator=generator, device=generator.device)
    """


class Variance:
    """Your weights seem to have a standard deviation of 0.1; 0.01^2 is the variance, so that the
    standard deviation is 0.01."""

    caught_by = "test_normal"
    diff = """
    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + return 0.1 * torch.randn(shape, generator=generator, device=generator.device)
    """


class Uniform:
    """Your weights seem to be drawn from a uniform distribution: torch.rand; torch.randn is the
    normal one."""

    caught_by = "test_normal"
    diff = """
    - return 0.01 * torch.randn(shape, generator=generator, device=generator.device)
    + return 0.01 * torch.rand(shape, generator=generator, device=generator.device)
    """


class GatesShared:
    """Your gates seem to share their weights: draw three parameters anew for every gate."""

    caught_by = "test_apart"
    diff = """
    - params += [normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens)]
    - params.append(zeros(num_hiddens))
    + if not params:
    +     params = [normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens)]
    +     params.append(zeros(num_hiddens))
    + else:
    +     params += [each.clone() for each in params[:3]]
    """


class GeneratorSeeded:
    """You seem to seed the generator yourself; whoever calls has seeded it, you only draw."""

    caught_by = "test_generator"
    diff = """
      params = []
    + generator.manual_seed(0)
    """


class BiasesDrawn:
    """Your biases seem to be drawn as the weights are; they start at zero."""

    caught_by = "test_shapes"
    diff = """
    - return torch.zeros(size, device=generator.device)
    + return normal(size)
    """


class WeightsTransposed:
    """Your weights seem to be laid out as torch's, (out, in); here they are (in, out), for
    X @ W."""

    caught_by = "test_shapes"
    diff = """
    - params += [normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens)]
    + params += [normal(num_hiddens, vocab_size), normal(num_hiddens, num_hiddens)]

    - params += [normal(num_hiddens, vocab_size), zeros(vocab_size)]
    + params += [normal(vocab_size, num_hiddens), zeros(vocab_size)]
    """


class StateAlone:
    """Your first state seems to be H alone; an LSTM has two: (H, C)."""

    caught_by = "test_state"
    diff = """
    - return torch.zeros(batch_size, num_hiddens), torch.zeros(batch_size, num_hiddens)
    + return (torch.zeros(batch_size, num_hiddens),)
    """


class StateTransposed:
    """Your first state seems to be (num_hiddens, batch_size); the batch comes first."""

    caught_by = "test_state"
    diff = """
    - return torch.zeros(batch_size, num_hiddens), torch.zeros(batch_size, num_hiddens)
    + return torch.zeros(num_hiddens, batch_size), torch.zeros(num_hiddens, batch_size)
    """


class BatchMajor:
    """Your rows of Y seem to be ordered by sample; all samples of the first step come first, then
    those of the second."""

    caught_by = "test_forward"
    diff = """
    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + return torch.stack(hiddens, dim=1).flatten(0, 1) @ W_hq + b_q, (H, C)
    """


class NotFlattened:
    """Your Y seems to be (T, N, V); put the steps one below the other, (T*N, V): torch.cat, not
    torch.stack."""

    caught_by = "test_half_open"
    diff = """
    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + return torch.stack(hiddens) @ W_hq + b_q, (H, C)
    """


class LastStepOnly:
    """You seem to score the last step alone; Y has rows for every step."""

    caught_by = "test_half_open"
    diff = """
    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + return H @ W_hq + b_q, (H, C)
    """


class HiddensReturned:
    """Your Y seems to be the hidden states; the output layer makes scores of them: H W_hq + b_q."""

    caught_by = "test_half_open"
    diff = """
    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + return torch.cat(hiddens), (H, C)
    """


class ScoresFromCell:
    """Your scores seem to come from C; they come from what the cell shows, H."""

    caught_by = "test_forward"
    diff = """
    - hiddens.append(H)
    + hiddens.append(C)
    """


class TanhForgotten:
    """Your H seems to be O * C; it is O * tanh(C)."""

    caught_by = "test_half_open"
    diff = """
    - H = o * torch.tanh(C)
    + H = o * C
    """


class CandidateSigmoid:
    """Your candidate seems to go through a sigmoid, as a gate; it goes through tanh."""

    caught_by = "test_half_open"
    diff = """
    - C_tilda = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    + C_tilda = torch.sigmoid(X @ W_xc + H @ W_hc + b_c)
    """


class StateSwapped:
    """You seem to return the state as (C, H); it is (H, C), as it came in."""

    caught_by = "test_half_open"
    diff = """
    - return torch.cat(hiddens) @ W_hq + b_q, (H, C)
    + return torch.cat(hiddens) @ W_hq + b_q, (C, H)
    """


class StateIgnored:
    """You seem to begin with zeros whatever the state is; H and C begin as they are given."""

    caught_by = "test_half_open"
    diff = """
    - H, C = state
    + H, C = (torch.zeros_like(each) for each in state)
    """


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_saturated"
    diff = """
    - f = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    + a = torch.exp(X @ W_xf + H @ W_hf + b_f)
    + f = a / (1 + a)
    """
