"""Exercise 1, root mean square normalisation as a layer: other wrong answers."""


class Running:
    """Goes on with the mean square of the calls before."""

    diff = """
    + kept = vars(self).get("kept", mean_square)
    + mean_square = 0.5 * mean_square + 0.5 * kept.mean()
    + self.kept = mean_square.detach()
      return x / torch.sqrt(mean_square + self.eps) * self.weight
    """


class WeightDetached:
    """Lets no gradient reach the weight."""

    diff = """
    - return x / torch.sqrt(mean_square + self.eps) * self.weight
    + return x / torch.sqrt(mean_square + self.eps) * self.weight.detach()
    """
