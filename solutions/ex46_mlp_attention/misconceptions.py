"""Exercise 46, additive attention as a module: what people really write, and what helps.

Each class is one wrong idea, told by what differs from the reference.
"""


class Biases:
    """Your layers seem to have biases; nn.Linear has one unless you say bias=False."""

    caught_by = "test_parameters"
    diff = """
    - self.W_k = nn.Linear(key_size, units, bias=False)
    - self.W_q = nn.Linear(query_size, units, bias=False)
    - self.v = nn.Linear(units, 1, bias=False)
    + self.W_k = nn.Linear(key_size, units)
    + self.W_q = nn.Linear(query_size, units)
    + self.v = nn.Linear(units, 1)
    """


class PlainContainer:
    """Your layers seem to stand in a plain list or dict, where the module does not see them; give
    each to self by its name, as in self.W_k = nn.Linear(...)."""

    caught_by = "test_parameters"
    diff = """
    - self.W_k = nn.Linear(key_size, units, bias=False)
    - self.W_q = nn.Linear(query_size, units, bias=False)
    - self.v = nn.Linear(units, 1, bias=False)
    + layers = {"W_k": nn.Linear(key_size, units, bias=False)}
    + layers["W_q"] = nn.Linear(query_size, units, bias=False)
    + layers["v"] = nn.Linear(units, 1, bias=False)
    + vars(self).update(layers)
    """


class NoTanh:
    """Your scores seem to lack the tanh; without it, every query would like the same key best."""

    caught_by = "test_output"
    diff = """
    - hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(key)[:, None])
    + hidden = self.W_q(query)[:, :, None] + self.W_k(key)[:, None]
    """


class TanhEach:
    """You seem to take the tanh of the query's part and of the key's by itself; it is taken of
    their sum, or they could not meet."""

    caught_by = "test_output"
    diff = """
    - hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(key)[:, None])
    + hidden = torch.tanh(self.W_q(query))[:, :, None] + torch.tanh(self.W_k(key))[:, None]
    """


class Scaled:
    """Your scores look scaled, as those of a dot product are; these are not: the tanh bounds what
    v sums up."""

    caught_by = "test_output"
    diff = """
    - weights = _masked_softmax(self.v(hidden).squeeze(-1), valid_len)
    + weights = _masked_softmax(self.v(hidden).squeeze(-1) / math.sqrt(hidden.shape[-1]), valid_len)
    """


class SoftmaxOverQueries:
    """Your softmax seems to run over the queries; each query's weights must sum to 1 over keys."""

    caught_by = "test_output"
    diff = """
    - return torch.softmax(scores, dim=-1)
    + return torch.softmax(scores, dim=1)

    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    + weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=1).nan_to_num()
    """


class LengthsIgnored:
    """Your result seems not to depend on valid_len; the keys from there on are padding."""

    caught_by = "test_samples"
    diff = """
    - if valid_len is None:
    + if True:
    """


class MaskedAfter:
    """You seem to mask after the softmax, so that rows sum to less than 1; mask the scores."""

    caught_by = "test_samples"
    diff = """
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    + weights = torch.softmax(scores, dim=-1)
    """


class OneTooMany:
    """You seem to keep one key too many: with length 2, keys 0 and 1 count (`<`, not `<=`)."""

    caught_by = "test_samples"
    diff = """
    - padding = torch.arange(scores.shape[2], device=scores.device) >= lengths
    + padding = torch.arange(scores.shape[2], device=scores.device) > lengths
    """


class FirstQueryForAll:
    """You seem to take one length per sample where there is one for each query: shape (N, Tq)."""

    caught_by = "test_queries"
    diff = """
    - lengths = valid_len.reshape(len(scores), -1, 1)
    + lengths = valid_len.reshape(len(scores), -1, 1)[:, :1]
    """


class NanRow:
    """A row with no valid key is nan: a softmax of nothing but -inf. Make these weights 0."""

    caught_by = "test_empty"
    diff = """
    - return weights.masked_fill(padding, 0.0)
    + return weights
    """


class UniformRow:
    """A row with no valid key shares its weight among the padding; set masked weights to 0."""

    caught_by = "test_empty"
    diff = """
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    + least = torch.finfo(scores.dtype).min
    + weights = torch.softmax(scores.masked_fill(padding, least), dim=-1)

    - return weights.masked_fill(padding, 0.0)
    + return weights
    """


class FillTooSmall:
    """Your fill, a number like -1e6, is no less than scores can be, and gives padding the weight of
    a row with no valid key; fill with -inf, and set masked weights to 0."""

    caught_by = "test_empty"
    diff = """
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    + weights = torch.softmax(scores.masked_fill(padding, -1e6), dim=-1)

    - return weights.masked_fill(padding, 0.0)
    + return weights
    """


class ScoresKept:
    """Your attention_weights seem to be the scores; keep them after the softmax."""

    caught_by = "test_kept"
    diff = """
    - self.attention_weights = weights
    + self.attention_weights = self.v(hidden).squeeze(-1)
    """


class KeptAfterDropout:
    """Your attention_weights seem to be those after dropout; keep them as they were before it, and
    do not drop in place."""

    caught_by = "test_before"
    diff = """
    - self.attention_weights = weights
    - return self.dropout(weights) @ value
    + self.attention_weights = self.dropout(weights)
    + return self.attention_weights @ value
    """


class DropoutInEval:
    """You seem to drop in eval() too; use nn.Dropout, or give dropout self.training."""

    caught_by = "test_modes"
    diff = """
    - return self.dropout(weights) @ value
    + return nn.functional.dropout(weights, self.dropout.p) @ value
    """


class DropoutForgotten:
    """You seem to drop nothing in training mode; dropout acts on the weights before they meet the
    values."""

    caught_by = "test_dropout"
    diff = """
    - return self.dropout(weights) @ value
    + return weights @ value
    """


class DropoutOnScores:
    """You seem to drop scores, before the softmax: a score of 0 has a weight all the same. Dropout
    acts on the weights."""

    caught_by = "test_dropout"
    diff = """
    - weights = _masked_softmax(self.v(hidden).squeeze(-1), valid_len)
    + scores = self.v(hidden).squeeze(-1)
    + weights = _masked_softmax(scores, valid_len)

    - return self.dropout(weights) @ value
    + return _masked_softmax(self.dropout(scores), valid_len) @ value
    """
