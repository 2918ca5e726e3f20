"""Exercise 14, what a recurrent network forgets: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class Accumulated:
    """Lets the rows of the Jacobian pile up in `.grad`."""

    def long_term_gradient(x, h0, w_ih, w_hh, b_ih, b_hh):
        states = [h0.detach().clone().requires_grad_()]
        for x_t in x:
            states.append(torch.tanh(x_t @ w_ih.T + b_ih + states[-1] @ w_hh.T + b_hh))
            states[-1].retain_grad()
        squares = torch.zeros(len(x), dtype=h0.dtype, device=h0.device)
        for unit in states[-1][0]:
            unit.backward(retain_graph=True)
            squares += torch.stack([h.grad.square().sum() for h in states[:-1]])
        return squares.sqrt()


class AsList:
    """Returns a list."""

    diff = """
    - return torch.stack(norms[::-1])
    + return norms[::-1]
    """


class Bfloat16:
    """Computes the states in bfloat16 and casts back."""

    diff = """
    - states.append(h)
    + states.append(h.bfloat16().to(x.dtype))
    """


class BiasDoubled:
    """Adds the hidden bias twice and the input bias not at all."""

    diff = """
    - h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + h = torch.tanh(x_t @ w_ih.T + b_hh + h @ w_hh.T + b_hh)
    """


class Clipped:
    """Clips the norms at 1."""

    diff = """
    - return torch.stack(norms[::-1])
    + return torch.stack(norms[::-1]).clamp(max=1.0)
    """


class FiniteDifferences:
    """Nudges the states by a millionth and looks."""

    def long_term_gradient(x, h0, w_ih, w_hh, b_ih, b_hh):
        states = [h0]
        for x_t in x:
            states.append(torch.tanh(x_t @ w_ih.T + b_ih + states[-1] @ w_hh.T + b_hh))
        norms = []
        for t in range(len(x)):
            h = states[t] + 1e-6 * torch.eye(h0.shape[1], dtype=h0.dtype, device=h0.device)
            for x_t in x[t:]:
                h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
            norms.append(((h - states[-1]) / 1e-6).norm())
        return torch.stack(norms)


class FirstInputOnly:
    """Reads the first input at every step."""

    diff = """
    - for x_t in x:
    -     h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + for _ in x:
    +     h = torch.tanh(x[0] @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class Float32:
    """Computes the Jacobians in float32 and casts back."""

    diff = """
    - jacobian = jacobian @ ((1 - h.T**2) * w_hh)
    + jacobian = (jacobian @ ((1 - h.T**2) * w_hh)).float().to(x.dtype)
    """


class Flushed:
    """Takes what has all but vanished for zero."""

    diff = """
    - return torch.stack(norms[::-1])
    + norms = torch.stack(norms[::-1])
    + return torch.where(norms < 1e-6, 0.0, norms)
    """


class FromNumbers:
    """Makes new float32 numbers of the norms."""

    diff = """
    -     norms.append(torch.linalg.matrix_norm(jacobian))
    - return torch.stack(norms[::-1])
    +     norms.append(torch.linalg.matrix_norm(jacobian).item())
    + return torch.tensor(norms[::-1])
    """


class HiddenBiasForgotten:
    """Leaves the hidden bias out."""

    diff = """
    - h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T)
    """


class InputBiasForgotten:
    """Leaves the input bias out."""

    diff = """
    - h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + h = torch.tanh(x_t @ w_ih.T + h @ w_hh.T + b_hh)
    """


class InputsForgotten:
    """Does not read the inputs."""

    diff = """
    - for x_t in x:
    -     h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + for _ in x:
    +     h = torch.tanh(b_ih + h @ w_hh.T + b_hh)
    """


class InputsReversed:
    """Reads the sequence from its end."""

    diff = """
    - for x_t in x:
    + for x_t in x.flip(0):
    """


class Largest:
    """Takes the greatest element of the Jacobian where its norm is asked for."""

    diff = """
    - norms.append(torch.linalg.matrix_norm(jacobian))
    + norms.append(jacobian.abs().max())
    """


class MultipliedLeft:
    """Multiplies earlier steps on from the left."""

    diff = """
    - jacobian = jacobian @ ((1 - h.T**2) * w_hh)
    + jacobian = ((1 - h.T**2) * w_hh) @ jacobian
    """


class NormDifferentiated:
    """Differentiates the norm of the last state."""

    def long_term_gradient(x, h0, w_ih, w_hh, b_ih, b_hh):
        states = [h0.detach().clone().requires_grad_()]
        for x_t in x:
            states.append(torch.tanh(x_t @ w_ih.T + b_ih + states[-1] @ w_hh.T + b_hh))
        rows = torch.autograd.grad(states[-1].norm(), states[:-1])
        return torch.stack([row.norm() for row in rows])


class NotedTooEarly:
    """Notes the norm before the factor is multiplied on."""

    diff = """
    + norms.append(torch.linalg.matrix_norm(jacobian))
      jacobian = jacobian @ ((1 - h.T**2) * w_hh)
    - norms.append(torch.linalg.matrix_norm(jacobian))
    """


class Nuclear:
    """Sums the singular values."""

    diff = """
    - norms.append(torch.linalg.matrix_norm(jacobian))
    + norms.append(torch.linalg.matrix_norm(jacobian, "nuc"))
    """


class Offset:
    """Adds a small number to the norms, as if to take their logarithm."""

    diff = """
    - norms.append(torch.linalg.matrix_norm(jacobian))
    + norms.append(torch.linalg.matrix_norm(jacobian) + 1e-5)
    """


class OffsetInDerivative:
    """Keeps tanh from vanishing by a small number."""

    diff = """
    - jacobian = jacobian @ ((1 - h.T**2) * w_hh)
    + jacobian = jacobian @ ((1 - h.T**2 + 1e-5) * w_hh)
    """


class OneFactorMore:
    """Starts the chain with w_hh instead of the identity."""

    diff = """
    - jacobian = torch.eye(h0.shape[1], dtype=h0.dtype, device=h0.device)
    + jacobian = w_hh
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return torch.stack(norms[::-1])
    + return torch.stack(norms[::-1]).float()
    """


class Relu:
    """Runs a network of ReLUs, with their derivative."""

    diff = """
    - h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + h = torch.relu(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)

    - jacobian = jacobian @ ((1 - h.T**2) * w_hh)
    + jacobian = jacobian @ (((h.T > 0).to(x.dtype)) * w_hh)
    """


class Rescaled:
    """Divides each chain by its norm before it goes on."""

    diff = """
    +     jacobian = jacobian / norms[-1]
      return torch.stack(norms[::-1])
    """


class Reshaped:
    """Reshapes the input weights where they must be transposed."""

    diff = """
    - h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + h = torch.tanh(x_t @ w_ih.reshape(w_ih.shape[::-1]) + b_ih + h @ w_hh.T + b_hh)
    """


class SaturatedByExp:
    """Writes tanh with exponentials that overflow."""

    diff = """
    - h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + h = torch.exp(2 * (x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh))
    + h = (h - 1) / (h + 1)
    """


class Sigmoid:
    """Runs a network of sigmoids."""

    diff = """
    - h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + h = torch.sigmoid(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class Squeezed:
    """Drops the axis of time where it has size one."""

    diff = """
    - return torch.stack(norms[::-1])
    + return torch.stack(norms[::-1]).squeeze()
    """


class StartChanged:
    """Writes every state over h0."""

    diff = """
    - h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    - states.append(h)
    + h[:] = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + states.append(h.clone())
    """


class StartForgotten:
    """Starts from a state of zeros."""

    diff = """
    - states, h = [], h0
    + states, h = [], torch.zeros_like(h0)
    """


class Trace:
    """Looks at the diagonal alone."""

    diff = """
    - norms.append(torch.linalg.matrix_norm(jacobian))
    + norms.append(jacobian.diagonal().norm())
    """


class TransposedInJacobian:
    """Transposes w_hh in the Jacobians only."""

    diff = """
    - jacobian = jacobian @ ((1 - h.T**2) * w_hh)
    + jacobian = jacobian @ ((1 - h.T**2) * w_hh.T)
    """


class TransposedInStates:
    """Transposes w_hh in the states only."""

    diff = """
    - h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh + b_hh)
    """


class Truncated:
    """Goes back three steps only, as truncated backpropagation does."""

    diff = """
    - for h in reversed(states):
    + for h in reversed(states[-3:]):

    + norms += [torch.zeros_like(norms[0])] * (len(x) - len(norms))
      return torch.stack(norms[::-1])
    """


class Viewed:
    """Needs the weights to lie in one piece."""

    diff = """
    + w_hh = w_hh.view(-1).view(w_hh.shape)
      states, h = [], h0
    """


class WeightsChanged:
    """Scales w_hh in place and back again, which rounds."""

    diff = """
    - jacobian = jacobian @ ((1 - h.T**2) * w_hh)
    + scale = 1 - h.T**2
    + w_hh *= scale
    + jacobian = jacobian @ w_hh
    + w_hh /= scale
    """
