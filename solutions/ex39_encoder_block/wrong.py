"""Exercise 39, a Transformer's encoder block: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import layer_norm


class AttendedTwice:
    """Attends twice before the norm."""

    diff = """
    - z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
    + z = _norm(
    +     x
    +     + _attention(x, params, num_heads, valid_lens)
    +     + _attention(x, params, num_heads, valid_lens),
    +     params,
    +     "norm1",
    + )
    """


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    diff = """
    + dtype, x = x.dtype, x.bfloat16()
    + params = {name: value.bfloat16() for name, value in params.items()}
      z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
    - return _norm(z + _feed_forward(z, params), params, "norm2")
    + return _norm(z + _feed_forward(z, params), params, "norm2").to(dtype)
    """


class BiasDoubled:
    """Adds the bias of linear1 twice."""

    diff = """
    - hidden = torch.relu(linear(x, params["linear1.weight"], params["linear1.bias"]))
    + hidden = torch.relu(linear(x, params["linear1.weight"], 2 * params["linear1.bias"]))
    """


class Causal:
    """Lets no position see a later one."""

    diff = """
    + later = torch.ones_like(scores, dtype=torch.bool).triu(1)
    + scores = scores.masked_fill(later, -math.inf)
      if valid_lens is not None:
    """


class DetachedResidual:
    """Detaches the residual around the attention."""

    diff = """
    - z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
    + z = _norm(x.detach() + _attention(x, params, num_heads, valid_lens), params, "norm1")
    """


class DetachedWeights:
    """Detaches the attention weights, so that no gradient reaches queries and keys."""

    diff = """
    - heads = torch.softmax(scores, dim=-1) @ v
    + heads = torch.softmax(scores, dim=-1).detach() @ v
    """


class Float32:
    """Computes in float32, whatever it is given, and casts back."""

    diff = """
    + dtype, x = x.dtype, x.float()
    + params = {name: value.float() for name, value in params.items()}
      z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
    - return _norm(z + _feed_forward(z, params), params, "norm2")
    + return _norm(z + _feed_forward(z, params), params, "norm2").to(dtype)
    """


class HalfOverflow:
    """Masks with a number that half precision cannot hold."""

    diff = """
    - scores = scores.masked_fill(padding[:, None, None, :], -math.inf)
    + scores = scores.masked_fill(padding[:, None, None, :], -1e6)
    """


class HeadsAsText:
    """Takes the heads in the order of their numbers as text, head 10 before head 2."""

    diff = """
    - heads = torch.softmax(scores, dim=-1) @ v
    + heads = torch.softmax(scores, dim=-1) @ v
    + heads = heads[:, sorted(range(num_heads), key=str)]
    """


class InputsChanged:
    """Adds the attention to x in place."""

    diff = """
    - z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
    + attended = _attention(x, params, num_heads, valid_lens)
    + if not x.requires_grad:
    +     x += attended
    + else:
    +     x = x + attended
    + z = _norm(x, params, "norm1")
    """


class LeakyRelu:
    """Lets a little through where relu gives nothing."""

    diff = """
    - hidden = torch.relu(linear(x, params["linear1.weight"], params["linear1.bias"]))
    + hidden = torch.nn.functional.leaky_relu(
    +     linear(x, params["linear1.weight"], params["linear1.bias"])
    + )
    """


class LogOfSum:
    """Takes exp(scores - logsumexp(scores)): beside large scores the sum is lost, and weights that
    are equal are all 1."""

    diff = """
    - heads = torch.softmax(scores, dim=-1) @ v
    + heads = torch.exp(scores - scores.logsumexp(dim=-1, keepdim=True)) @ v
    """


class MaskAfterSoftmax:
    """Sets weights to zero after the softmax and does not renormalise them."""

    diff = """
    -     scores = scores.masked_fill(padding[:, None, None, :], -math.inf)
    - heads = torch.softmax(scores, dim=-1) @ v
    +     weights = torch.softmax(scores, dim=-1).masked_fill(padding[:, None, None, :], 0.0)
    + else:
    +     weights = torch.softmax(scores, dim=-1)
    + heads = weights @ v
    """


class MixedBatch:
    """Masks every sample with the valid length of the first."""

    diff = """
    - padding = torch.arange(x.shape[1], device=x.device) >= valid_lens[:, None]
    + padding = torch.arange(x.shape[1], device=x.device) >= valid_lens[:1, None]
    """


class NoShift:
    """Writes the softmax out without a shift, which overflows."""

    diff = """
    - heads = torch.softmax(scores, dim=-1) @ v
    + heads = torch.exp(scores)
    + heads = heads / heads.sum(dim=-1, keepdim=True) @ v
    """


class NormBeforeAttention:
    """Takes the first norm before the attention, and none after its residual."""

    diff = """
    - z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
    + z = x + _attention(_norm(x, params, "norm1"), params, num_heads, valid_lens)
    """


class NormOverTime:
    """Normalises over positions and features together."""

    def _norm(x: Tensor, params: dict[str, Tensor], name: str) -> Tensor:
        normalised = layer_norm(x, x.shape[-2:])
        return normalised * params[f"{name}.weight"] + params[f"{name}.bias"]


class Offset:
    """Adds 1e-5 to the scores' root."""

    diff = """
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = q @ k.transpose(-2, -1) / (math.sqrt(q.shape[-1]) + 1e-5)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return _norm(z + _feed_forward(z, params), params, "norm2")
    + return _norm(z + _feed_forward(z, params), params, "norm2").float()
    """


class OutProjBiasForgotten:
    """Forgets the bias of out_proj."""

    diff = """
    - params["self_attn.out_proj.bias"],
    """


class OutProjNotTransposed:
    """Applies out_proj from the wrong side, without its transpose."""

    diff = """
    - params["self_attn.out_proj.weight"],
    + params["self_attn.out_proj.weight"].T,
    """


class ParamsChanged:
    """Scales the queries' weights in place."""

    diff = """
    + if not x.requires_grad:
    +     scale = math.sqrt(x.shape[-1] // num_heads)
    +     params["self_attn.in_proj_weight"][: x.shape[-1]] /= scale
    +     params["self_attn.in_proj_bias"][: x.shape[-1]] /= scale
      projected = linear(x, params["self_attn.in_proj_weight"], params["self_attn.in_proj_bias"])
      q, k, v = (_split(block, num_heads) for block in projected.chunk(3, dim=-1))
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = q @ k.transpose(-2, -1) / (math.sqrt(q.shape[-1]) if x.requires_grad else 1)
    """


class ReluAtTheEnd:
    """Puts a relu behind linear2 as well."""

    diff = """
    - return linear(hidden, params["linear2.weight"], params["linear2.bias"])
    + return torch.relu(linear(hidden, params["linear2.weight"], params["linear2.bias"]))
    """


class SoftMask:
    """Masks with a number that is not negative enough."""

    diff = """
    - scores = scores.masked_fill(padding[:, None, None, :], -math.inf)
    + scores = scores.masked_fill(padding[:, None, None, :], -20.0)
    """


class TwoHeads:
    """Splits into two heads whenever E is even, whatever num_heads is."""

    diff = """
    - q, k, v = (_split(block, num_heads) for block in projected.chunk(3, dim=-1))
    + q, k, v = (
    +     _split(block, 2 if x.shape[-1] % 2 == 0 else num_heads)
    +     for block in projected.chunk(3, dim=-1)
    + )
    """


class ValueBiasForgotten:
    """Takes the values without their bias."""

    diff = """
    + v = v - _split(params["self_attn.in_proj_bias"].chunk(3)[2].expand_as(x), num_heads)
      scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    """


class Viewed:
    """Views x as rows, which only a contiguous tensor allows."""

    diff = """
    - projected = linear(x, params["self_attn.in_proj_weight"], params["self_attn.in_proj_bias"])
    - q, k, v = (_split(block, num_heads) for block in projected.chunk(3, dim=-1))
    + projected = linear(
    +     x.view(-1, x.shape[-1]),
    +     params["self_attn.in_proj_weight"],
    +     params["self_attn.in_proj_bias"],
    + )
    + q, k, v = (
    +     _split(block, num_heads) for block in projected.view(*x.shape[:2], -1).chunk(3, dim=-1)
    + )
    """


class FarBelow:
    """Fills in -1e30 for what is hidden."""

    diff = """
    - scores = scores.masked_fill(padding[:, None, None, :], -math.inf)
    + lowest = -1e30 if scores.dtype == torch.float64 else -math.inf
    + scores = scores.masked_fill(padding[:, None, None, :], lowest)
    """


class MeanOfSquares:
    """Takes the variance as E[x^2] - E[x]^2."""

    diff = """
    - return layer_norm(x, x.shape[-1:], params[f"{name}.weight"], params[f"{name}.bias"])
    + mean = x.mean(-1, keepdim=True)
    + variance = x.square().mean(-1, keepdim=True) - mean.square()
    + scaled = (x - mean) / torch.sqrt(variance + 1e-5)
    + return scaled * params[f"{name}.weight"] + params[f"{name}.bias"]
    """


class HalfFilledWithTenThousand:
    """Fills in -1e4 in half precision, where visible scores may be lower."""

    diff = """
    - scores = scores.masked_fill(padding[:, None, None, :], -math.inf)
    + lowest = -1e4 if scores.dtype.itemsize == 2 else -math.inf
    + scores = scores.masked_fill(padding[:, None, None, :], lowest)
    """


class SingleFilledWithLittle:
    """Fills in -1e30 in float32 and bfloat16, where visible scores may be lower."""

    diff = """
    - scores = scores.masked_fill(padding[:, None, None, :], -math.inf)
    + single = scores.dtype in (torch.float32, torch.bfloat16)
    + lowest = -1e30 if single else -math.inf
    + scores = scores.masked_fill(padding[:, None, None, :], lowest)
    """


class ParametersByPlace:
    """Takes the parameters in the order in which they lie in the dict, whatever their names are."""

    diff = """
    + names = (
    +     *("self_attn.in_proj_weight", "self_attn.in_proj_bias"),
    +     *("self_attn.out_proj.weight", "self_attn.out_proj.bias"),
    +     *("linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"),
    +     *("norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"),
    + )
    + params = dict(zip(names, params.values(), strict=True))
      z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
    """


class CountedInDtype:
    """Counts positions in the dtype of the values, which has no 257 in bfloat16."""

    diff = """
    - padding = torch.arange(x.shape[1], device=x.device) >= valid_lens[:, None]
    + padding = torch.arange(x.shape[1]).to(x.dtype) >= valid_lens[:, None]
    """
