"""Exercise 48, a Transformer's encoder: what people really write, and the sentence that helps.

Each class is one wrong idea, told by what differs from the reference.
"""


class LayersInList:
    """Your layers seem to stand in a plain list, where the module does not see them; use
    nn.ModuleList."""

    caught_by = "test_parameters"
    diff = """
    - self.layers = nn.ModuleList(_Layer(d_model, num_heads, d_ff) for _ in range(num_layers))
    + self.layers = [_Layer(d_model, num_heads, d_ff) for _ in range(num_layers)]
    """


class EncodingInState:
    """Your encodings seem to be part of the state; register the table with persistent=False, or
    keep it off the module's parameters and buffers."""

    caught_by = "test_parameters"
    diff = """
    - self.register_buffer("encoding", table, persistent=False)
    + self.register_buffer("encoding", table)
    """


class Unscaled:
    """You seem to add the encodings to the words as they are; multiply these by sqrt(d_model)."""

    caught_by = "test_embedding"
    diff = """
    - x = self.embedding(tokens) * self.scale + self.encoding[:length]
    + x = self.embedding(tokens) + self.encoding[:length]
    """


class DividedByRoot:
    """You seem to divide the words by sqrt(d_model); multiply them by it."""

    caught_by = "test_embedding"
    diff = """
    - x = self.embedding(tokens) * self.scale + self.encoding[:length]
    + x = self.embedding(tokens) / self.scale + self.encoding[:length]
    """


class BothScaled:
    """You seem to multiply words and encodings by sqrt(d_model); the words alone are."""

    caught_by = "test_embedding"
    diff = """
    - x = self.embedding(tokens) * self.scale + self.encoding[:length]
    + x = (self.embedding(tokens) + self.encoding[:length]) * self.scale
    """


class NoEncoding:
    """You seem to add no encoding, so that no word knows where it stands."""

    caught_by = "test_embedding"
    diff = """
    - x = self.embedding(tokens) * self.scale + self.encoding[:length]
    + x = self.embedding(tokens) * self.scale
    """


class EncodingOfSamples:
    """You seem to add to each sample the encoding of its number in the batch; the batch is the
    first axis here, the positions are the second."""

    caught_by = "test_embedding"
    diff = """
    - x = self.embedding(tokens) * self.scale + self.encoding[:length]
    + places = torch.arange(len(tokens), device=tokens.device) % len(self.encoding)
    + x = self.embedding(tokens) * self.scale + self.encoding[places][:, None]
    """


class PositionsFromOne:
    """Your positions seem to count from 1; they count from 0."""

    caught_by = "test_embedding"
    diff = """
    - table = _encoding(max_len, d_model)
    + table = _encoding(max_len + 1, d_model)[1:]
    """


class SinesThenCosines:
    """Your encodings seem to have all sines first, then all cosines; they take turns."""

    caught_by = "test_embedding"
    diff = """
    - table[:, 0::2] = angles.sin()
    - table[:, 1::2] = angles[:, : d_model // 2].cos()
    + table = torch.cat([angles.sin(), angles[:, : d_model // 2].cos()], dim=1).float()
    """


class PreNorm:
    """Your norms seem to come before the sublayers; here each comes after the sum (post-norm)."""

    caught_by = "test_embedding"
    diff = """
    - x = self.norm1(x + self.self_attn(x, padding))
    - return self.norm2(x + self.linear2(torch.relu(self.linear1(x))))
    + x = x + self.self_attn(self.norm1(x), padding)
    + return x + self.linear2(torch.relu(self.linear1(self.norm2(x))))
    """


class FinalNorm:
    """You seem to normalise once more behind the last block; post-norm blocks end in a norm."""

    caught_by = "test_embedding"
    diff = """
          x = layer(x, padding)
    - return x
    + return nn.functional.layer_norm(x, x.shape[-1:])
    """


class ScaledByModel:
    """Your scores seem to be divided by sqrt(d_model); each head has d_model / num_heads columns,
    and the root of that is what to divide by."""

    caught_by = "test_block"
    diff = """
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = q @ k.transpose(-2, -1) / math.sqrt(x.shape[-1])
    """


class HeadsNotJoined:
    """Your heads seem to be put together in a wrong order: bring the positions before the heads
    again (transpose) before you make one axis of heads and columns."""

    caught_by = "test_block"
    diff = """
    - return self.out_proj(heads.transpose(1, 2).flatten(2))
    + return self.out_proj(heads.reshape(x.shape))
    """


class OneLayerAgain:
    """You seem to send the words through layer 0 again and again; each layer is its own."""

    caught_by = "test_layers"
    diff = """
      for layer in self.layers:
    -     x = layer(x, padding)
    +     x = self.layers[0](x, padding)
    """


class LayersShared:
    """Your layers seem to be one object, several times over; make one for each."""

    caught_by = "test_layers"
    diff = """
    - self.layers = nn.ModuleList(_Layer(d_model, num_heads, d_ff) for _ in range(num_layers))
    + self.layers = nn.ModuleList([_Layer(d_model, num_heads, d_ff)] * num_layers)
    """


class LayersReadInput:
    """Your layers seem to read the embedded words all of them; each reads the one below."""

    caught_by = "test_layers"
    diff = """
      for layer in self.layers:
    -     x = layer(x, padding)
    - return x
    +     output = layer(x, padding)
    + return output
    """


class LengthsIgnored:
    """Your result seems not to depend on valid_lens; the keys from there on are padding."""

    caught_by = "test_mask"
    diff = """
    - if valid_lens is not None:
    + if False:
    """


class MaskInFirstLayer:
    """You seem to mask the padding in the first layer alone; every layer needs the mask."""

    caught_by = "test_mask"
    diff = """
      x = layer(x, padding)
    + padding = None
    """


class PaddingZeroed:
    """Your outputs in the padding seem to be 0; as queries its positions are like all others."""

    caught_by = "test_mask"
    diff = """
          x = layer(x, padding)
    - return x
    + return x if padding is None else x.masked_fill(padding[:, 0, 0, :, None], 0.0)
    """


class OneTooMany:
    """You seem to keep one key too many: with length 2, keys 0 and 1 count (`<`, not `<=`)."""

    caught_by = "test_mask"
    diff = """
    - padding = torch.arange(length, device=tokens.device) >= valid_lens[:, None, None, None]
    + padding = torch.arange(length, device=tokens.device) > valid_lens[:, None, None, None]
    """


class DropoutLeft:
    """You seem to drop something in training mode; this encoder has no dropout."""

    caught_by = "test_training"
    diff = """
          x = layer(x, padding)
    - return x
    + return nn.functional.dropout(x, 0.1, self.training)
    """
