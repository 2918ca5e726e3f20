"""Exercise 46, additive attention as a module: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class KeysAveraged:
    """Averages the keys in place of the values."""

    diff = """
    - return self.dropout(weights) @ value
    + return self.dropout(weights) @ (key if key.shape == value.shape else value)
    """


class LayersExchanged:
    """Sends queries through `W_k` and keys through `W_q` where their sizes allow it."""

    diff = """
    - hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(key)[:, None])
    + asks, offers = self.W_q, self.W_k
    + if asks.in_features == offers.in_features:
    +     asks, offers = offers, asks
    + hidden = torch.tanh(asks(query)[:, :, None] + offers(key)[:, None])
    """


class Sigmoid:
    """Uses a sigmoid in place of tanh."""

    diff = """
    - hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(key)[:, None])
    + hidden = torch.sigmoid(self.W_q(query)[:, :, None] + self.W_k(key)[:, None])
    """


class LengthsOfQueries:
    """Masks queries beyond the length of their sample."""

    diff = """
    - lengths = valid_len.reshape(len(scores), -1, 1)
    - padding = torch.arange(scores.shape[2], device=scores.device) >= lengths
    + places = torch.arange(scores.shape[2], device=scores.device)
    + padding = places >= valid_len.reshape(len(scores), -1, 1)
    + if valid_len.dim() == 1:
    +     queries = torch.arange(scores.shape[1], device=scores.device)
    +     padding = (queries >= valid_len[:, None])[..., None].expand(scores.shape)
    """


class LengthsTiled:
    """Repeats the lengths as a whole, so that samples get each other's."""

    diff = """
    - lengths = valid_len.reshape(len(scores), -1, 1)
    + if valid_len.dim() == 1:
    +     valid_len = valid_len.repeat(scores.shape[1])
    + lengths = valid_len.reshape(len(scores), -1, 1)
    """


class ZeroMeansAll:
    """Takes a length of 0 for no length."""

    diff = """
    - lengths = valid_len.reshape(len(scores), -1, 1)
    + valid_len = torch.where(valid_len == 0, scores.shape[2], valid_len)
    + lengths = valid_len.reshape(len(scores), -1, 1)
    """


class BillionsBelow:
    """Fills with -1e9, which a score may be below."""

    diff = """
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    + weights = torch.softmax(scores.masked_fill(padding, -1e9), dim=-1)
    """


class MaskOnWeightsRenormalised:
    """Masks after the softmax and divides by what is left, which may be nothing."""

    diff = """
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    + weights = torch.softmax(scores, dim=-1).masked_fill(padding, 0.0)
    + weights = weights / weights.sum(dim=-1, keepdim=True).clamp_min(1e-12)
    """


class RenormalisedAfterDropout:
    """Lets the weights that are left sum to 1."""

    diff = """
    - return self.dropout(weights) @ value
    + kept = self.dropout(weights)
    + if self.training:
    +     kept = kept / kept.sum(dim=-1, keepdim=True).clamp_min(1e-12)
    + return kept @ value
    """


class DropoutUnscaled:
    """Drops, and does not scale what it keeps."""

    diff = """
    - return self.dropout(weights) @ value
    + kept = weights
    + if self.training:
    +     kept = weights * (torch.rand_like(weights) >= self.dropout.p)
    + return kept @ value
    """


class DropoutKeepRate:
    """Takes the rate for that of what is kept."""

    diff = """
    - self.dropout = nn.Dropout(dropout)
    + self.dropout = nn.Dropout(1 - dropout if dropout else 0.0)
    """


class DropoutOfKeys:
    """Drops the same keys for every query."""

    diff = """
    - return self.dropout(weights) @ value
    + return weights * self.dropout(torch.ones_like(weights[:, :1])) @ value
    """


class DropoutOnOutput:
    """Drops elements of the output."""

    diff = """
    - return self.dropout(weights) @ value
    + return self.dropout(weights @ value)
    """


class DropoutOfValues:
    """Drops elements of the values."""

    diff = """
    - return self.dropout(weights) @ value
    + return weights @ self.dropout(value)
    """


class DropoutOnce:
    """Draws one mask, and drops by it in every call."""

    diff = """
    - return self.dropout(weights) @ value
    + if not self.training:
    +     return weights @ value
    + if vars(self).get("mask") is None or self.mask.shape != weights.shape:
    +     self.mask = self.dropout(torch.ones_like(weights))
    + return weights * self.mask @ value
    """


class DropoutInPlace:
    """Drops in place, in what it keeps too."""

    diff = """
    - self.dropout = nn.Dropout(dropout)
    + self.dropout = nn.Dropout(dropout, inplace=True)
    """


class KeptInTrainingAlone:
    """Keeps the weights in training mode alone."""

    diff = """
    - self.attention_weights = weights
    + if self.training or "attention_weights" not in vars(self):
    +     self.attention_weights = weights
    """


class FirstKept:
    """Keeps the weights of the first call."""

    diff = """
    - self.attention_weights = weights
    + if "attention_weights" not in vars(self):
    +     self.attention_weights = weights
    """


class ListKept:
    """Keeps the weights of all calls in a list."""

    diff = """
    - self.attention_weights = weights
    + self.attention_weights = [*vars(self).get("attention_weights", []), weights]
    """


class AllKept:
    """Keeps the mean weights over the queries."""

    diff = """
    - self.attention_weights = weights
    + self.attention_weights = weights.mean(dim=1)
    """


class WeightsInState:
    """Registers the weights as a buffer, which state_dict has too."""

    diff = """
    - self.dropout = nn.Dropout(dropout)
    + self.dropout = nn.Dropout(dropout)
    + self.register_buffer("attention_weights", torch.zeros(1))
    """


class WeightsDetached:
    """Lets no gradient through the weights."""

    diff = """
    - self.attention_weights = weights
    + self.attention_weights = weights = weights.detach()
    """


class QueryDetached:
    """Lets no gradient reach the queries."""

    diff = """
    - hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(key)[:, None])
    + hidden = torch.tanh(self.W_q(query.detach())[:, :, None] + self.W_k(key)[:, None])
    """


class SharedByAll:
    """Keeps the layer `v` in the class, where all objects of its size share it."""

    diff = """
    - self.v = nn.Linear(units, 1, bias=False)
    + kept = vars(MLPAttention).get("kept", {})
    + MLPAttention.kept = kept
    + self.v = kept.setdefault(units, nn.Linear(units, 1, bias=False))
    """


class Float32:
    """Computes the softmax in float32 and casts back."""

    diff = """
    - weights = _masked_softmax(self.v(hidden).squeeze(-1), valid_len)
    + weights = _masked_softmax(self.v(hidden).squeeze(-1).float(), valid_len).to(value.dtype)
    """


class FillOutOfRange:
    """Fills with -1e300, which half precision does not hold."""

    diff = """
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    + weights = torch.softmax(scores.masked_fill(padding, -1e300), dim=-1)
    """


class MaskInFloat32:
    """Adds a mask in float32, which carries half precision there."""

    diff = """
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    + mask = torch.zeros(padding.shape, device=scores.device).masked_fill(padding, -math.inf)
    + weights = torch.softmax(scores + mask, dim=-1)
    """


class DroppedInData:
    """Drops in the data of the weights, so that gradients know nothing of it."""

    diff = """
    - return self.dropout(weights) @ value
    + dropped = weights + 0
    + dropped.data = self.dropout(weights.data)
    + return dropped @ value
    """


class HookLeft:
    """Leaves a hook on the queries in every call."""

    diff = """
    + if query.requires_grad:
    +     query.register_hook(lambda gradient: None)
      hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(key)[:, None])
    """


class SeedsInTraining:
    """Seeds torch's global random numbers in training mode."""

    diff = """
    + if self.training:
    +     torch.manual_seed(0)
      hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(key)[:, None])
    """


class OneLengthAlone:
    """Drops nothing where lengths are given."""

    diff = """
    - return self.dropout(weights) @ value
    + return (self.dropout(weights) if valid_len is None else weights) @ value
    """
