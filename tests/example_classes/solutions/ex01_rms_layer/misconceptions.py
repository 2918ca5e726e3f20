"""Exercise 1, root mean square normalisation as a layer: what people really write.

Each class is one wrong idea, told by what differs from the reference.
"""


class NotRegistered:
    """Your weight seems to be a plain tensor, which no optimizer finds: give it to nn.Parameter."""

    caught_by = "test_parameters"
    diff = """
    - self.weight = nn.Parameter(torch.ones(size))
    + self.weight = torch.ones(size)
    """


class MeanOverTheBatch:
    """You seem to take one mean over the whole batch; every sample has its own: dim=-1."""

    caught_by = "test_output"
    diff = """
    - mean_square = x.square().mean(dim=-1, keepdim=True)
    + mean_square = x.square().mean()
    """


class EpsOutside:
    """You seem to add eps to the root; it belongs under it."""

    caught_by = "test_output"
    diff = """
    - return x / torch.sqrt(mean_square + self.eps) * self.weight
    + return x / (torch.sqrt(mean_square) + self.eps) * self.weight
    """


class MeanTakenOff:
    """You seem to take the mean off, as layer normalisation does; here it stays."""

    caught_by = "test_output"
    diff = """
    + x = x - x.mean(dim=-1, keepdim=True)
      mean_square = x.square().mean(dim=-1, keepdim=True)
    """


class WeightForgotten:
    """Your result seems not to depend on the weight; multiply by it at the end."""

    caught_by = "test_output"
    diff = """
    - return x / torch.sqrt(mean_square + self.eps) * self.weight
    + return x / torch.sqrt(mean_square + self.eps)
    """
