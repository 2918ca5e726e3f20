"""What exercise 52 is tried with: parameters, and the gradients that are put into them."""

from torch import Tensor, nn


class Weights(nn.Module):
    """Parameters `w0`, `w1`, ... that begin with these values."""

    def __init__(self, values: list[Tensor]) -> None:
        super().__init__()
        for number, value in enumerate(values):
            self.register_parameter(f"w{number}", nn.Parameter(value.clone()))

    def listed(self) -> list[nn.Parameter]:
        """All of them, in a list."""
        return list(self.parameters())

    def put(self, gradients: list[Tensor | None]) -> None:
        """Put a gradient, or none, into each."""
        for parameter, gradient in zip(self.parameters(), gradients, strict=True):
            parameter.grad = None if gradient is None else gradient.clone()

    def now(self) -> dict[str, Tensor]:
        """What they are, by name."""
        return {name: value.detach().clone() for name, value in self.named_parameters()}

    def grads(self) -> dict[str, Tensor | None]:
        """What their `.grad` are, by name."""
        return {name: value.grad for name, value in self.named_parameters()}


def steps(adam: type, values: list[Tensor], gradients: list[list[Tensor]]) -> list[Tensor]:
    """What becomes of parameters in some steps, with these gradients: what is timed."""
    parameters = [value.clone().requires_grad_() for value in values]
    optimizer = adam(parameters, lr=0.01)
    for each in gradients:
        for parameter, gradient in zip(parameters, each, strict=True):
            parameter.grad = gradient
        optimizer.step()
    return [parameter.detach() for parameter in parameters]
