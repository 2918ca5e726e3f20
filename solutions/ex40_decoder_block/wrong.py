"""Exercise 40, a Transformer's decoder block: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    diff = """
    + dtype, x, memory = x.dtype, x.bfloat16(), memory.bfloat16()
    + params = {name: value.bfloat16() for name, value in params.items()}
      a = _attention(x, x, params, "self_attn", num_heads, _later(x))

    - return _norm(z + _feed_forward(z, params), params, "norm3")
    + return _norm(z + _feed_forward(z, params), params, "norm3").to(dtype)
    """


class BiasDoubled:
    """Adds the bias of linear1 twice."""

    diff = """
    - hidden = torch.relu(linear(x, params["linear1.weight"], params["linear1.bias"]))
    + hidden = torch.relu(linear(x, params["linear1.weight"], 2 * params["linear1.bias"]))
    """


class CrossGate:
    """Asks the memory with z, but adds the answer to x."""

    diff = """
    - z = _norm(z + a, params, "norm2")
    + z = _norm(x + a, params, "norm2")
    """


class DetachedMemory:
    """Detaches the memory, so that the encoder learns nothing."""

    diff = """
    - z, memory, params, "multihead_attn", num_heads, _padding(memory, memory_valid_lens)
    + z, memory.detach(), params, "multihead_attn", num_heads, _padding(memory, memory_valid_lens)
    """


class DetachedResidual:
    """Detaches the residual around the cross-attention."""

    diff = """
    - z = _norm(z + a, params, "norm2")
    + z = _norm(z.detach() + a, params, "norm2")
    """


class DetachedWeights:
    """Detaches the attention weights, so that no gradient reaches queries and keys."""

    diff = """
    - heads = torch.softmax(scores, dim=-1) @ v
    + heads = torch.softmax(scores, dim=-1).detach() @ v
    """


class FirstMask:
    """Masks every sample with the valid length of the first."""

    diff = """
    - return (positions >= valid_lens[:, None])[:, None, None, :]
    + return (positions >= valid_lens[:1, None])[:, None, None, :]
    """


class Float32:
    """Computes in float32, whatever it is given, and casts back."""

    diff = """
    + dtype, x, memory = x.dtype, x.float(), memory.float()
    + params = {name: value.float() for name, value in params.items()}
      a = _attention(x, x, params, "self_attn", num_heads, _later(x))

    - return _norm(z + _feed_forward(z, params), params, "norm3")
    + return _norm(z + _feed_forward(z, params), params, "norm3").to(dtype)
    """


class HalfOverflow:
    """Masks with a number that half precision cannot hold."""

    diff = """
    - scores = scores.masked_fill(hidden, -math.inf)
    + scores = scores.masked_fill(hidden, -1e6)
    """


class HeadsAsText:
    """Takes the heads in the order of their numbers as text, head 10 before head 2."""

    diff = """
    - heads = torch.softmax(scores, dim=-1) @ v
    + heads = torch.softmax(scores, dim=-1) @ v
    + heads = heads[:, sorted(range(num_heads), key=str)]
    """


class InputsChanged:
    """Adds the self-attention to x in place."""

    diff = """
    - z = _norm(x + a, params, "norm1")
    + if x.requires_grad:
    +     x = x + a
    + else:
    +     x += a
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
    + attended = torch.softmax(scores, dim=-1)
      if hidden is not None:
    -     scores = scores.masked_fill(hidden, -math.inf)
    - heads = torch.softmax(scores, dim=-1) @ v
    +     attended = attended.masked_fill(hidden, 0.0)
    + heads = attended @ v
    """


class MemoryBiasForgotten:
    """Leaves in_proj_bias out of multihead_attn."""

    diff = """
    + if name == "multihead_attn":
    +     biases = [torch.zeros_like(bias) for bias in biases]
      q, k, v = (
    """


class MemoryChanged:
    """Sets the padding of the memory to zero in place."""

    diff = """
    + if memory_valid_lens is not None and not memory.requires_grad:
    +     positions = torch.arange(memory.shape[1], device=memory.device)
    +     memory[positions >= memory_valid_lens[:, None]] = 0
      a = _attention(x, x, params, "self_attn", num_heads, _later(x))
    """


class MemoryNormalised:
    """Normalises the memory as well."""

    diff = """
    + memory = _norm(memory, params, "norm2")
      a = _attention(x, x, params, "self_attn", num_heads, _later(x))
    """


class MemoryZeroed:
    """Sets the padding of the memory to zero, and lets it have its weight."""

    diff = """
    + if memory_valid_lens is not None:
    +     memory = memory.masked_fill(_padding(memory, memory_valid_lens)[:, 0, 0, :, None], 0)
      a = _attention(x, x, params, "self_attn", num_heads, _later(x))
      z = _norm(x + a, params, "norm1")
    - a = _attention(
    -     z, memory, params, "multihead_attn", num_heads, _padding(memory, memory_valid_lens)
    - )
    + a = _attention(z, memory, params, "multihead_attn", num_heads, None)
    """


class MixedBatch:
    """Reads the memory of the first sample in all of them."""

    diff = """
    - z, memory, params, "multihead_attn", num_heads, _padding(memory, memory_valid_lens)
    + z,
    + memory[:1].expand_as(memory),
    + params,
    + "multihead_attn",
    + num_heads,
    + _padding(memory, memory_valid_lens),
    """


class NoShift:
    """Writes the softmax out without a shift, which overflows."""

    diff = """
    - heads = torch.softmax(scores, dim=-1) @ v
    + heads = torch.exp(scores)
    + heads = heads / heads.sum(dim=-1, keepdim=True) @ v
    """


class Offset:
    """Adds 1e-5 to the scores' root."""

    diff = """
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = q @ k.transpose(-2, -1) / (math.sqrt(q.shape[-1]) + 1e-5)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return _norm(z + _feed_forward(z, params), params, "norm3")
    + return _norm(z + _feed_forward(z, params), params, "norm3").float()
    """


class OutProjBiasForgotten:
    """Forgets the bias of out_proj."""

    diff = """
    - params[f"{name}.out_proj.bias"],
    """


class QueriesFromMemory:
    """Swaps the sides of the cross-attention: the memory asks."""

    diff = """
    - a = _attention(
    -     z, memory, params, "multihead_attn", num_heads, _padding(memory, memory_valid_lens)
    - )
    + a = _attention(memory, z, params, "multihead_attn", num_heads, None)
    """


class SoftMask:
    """Masks with a number that is not negative enough."""

    diff = """
    - scores = scores.masked_fill(hidden, -math.inf)
    + scores = scores.masked_fill(hidden, -20.0)
    """


class TargetPadding:
    """Masks x with the valid lengths of the memory as well."""

    diff = """
    - a = _attention(x, x, params, "self_attn", num_heads, _later(x))
    + later = _later(x)
    + if memory_valid_lens is not None:
    +     later = later | _padding(x, memory_valid_lens)
    + a = _attention(x, x, params, "self_attn", num_heads, later)
    """


class ValuesFromX:
    """Takes the values of the cross-attention from the decoder."""

    diff = """
    - for source, weight, bias in zip((x, others, others), weights, biases, strict=True)
    + for source, weight, bias in zip((x, others, x), weights, biases, strict=True)
    """


class Viewed:
    """Views its input as rows, which only a contiguous tensor allows."""

    diff = """
    - _split(linear(source, weight, bias), num_heads)
    + _split(linear(source.view(-1, weight.shape[1]), weight, bias).view(source.shape), num_heads)
    """


class FarBelow:
    """Fills in -1e30 for what is hidden."""

    diff = """
    - scores = scores.masked_fill(hidden, -math.inf)
    + lowest = -1e30 if scores.dtype == torch.float64 else -math.inf
    + scores = scores.masked_fill(hidden, lowest)
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
    - scores = scores.masked_fill(hidden, -math.inf)
    + lowest = -1e4 if scores.dtype.itemsize == 2 else -math.inf
    + scores = scores.masked_fill(hidden, lowest)
    """


class SingleFilledWithLittle:
    """Fills in -1e30 in float32 and bfloat16, where visible scores may be lower."""

    diff = """
    - scores = scores.masked_fill(hidden, -math.inf)
    + single = scores.dtype in (torch.float32, torch.bfloat16)
    + lowest = -1e30 if single else -math.inf
    + scores = scores.masked_fill(hidden, lowest)
    """


class MaskOfFixedSize:
    """Cuts the mask out of one of 1024 positions, the most that it knows."""

    diff = """
    - return torch.ones(t, t, dtype=torch.bool, device=x.device).triu(1)
    + return torch.ones(1024, 1024, dtype=torch.bool).triu(1)[:t, :t]
    """


class NormsInOrder:
    """Takes the norms in the order in which they lie in the dict, whatever their names are."""

    diff = """
    - return layer_norm(x, x.shape[-1:], params[f"{name}.weight"], params[f"{name}.bias"])
    + weights = [key for key in params if key.startswith("norm") and key.endswith("weight")]
    + name = weights[int(name[-1]) - 1].removesuffix(".weight")
    + return layer_norm(x, x.shape[-1:], params[f"{name}.weight"], params[f"{name}.bias"])
    """


class CountedInDtype:
    """Counts positions in the dtype of the values, which has no 257 in bfloat16."""

    diff = """
    - positions = torch.arange(memory.shape[1], device=memory.device)
    + positions = torch.arange(memory.shape[1]).to(memory.dtype)
    """
