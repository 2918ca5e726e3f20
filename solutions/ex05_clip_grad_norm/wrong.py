"""Exercise 5, clipping gradients by norm: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class AtLeastOne:
    """Bounds the coefficient from below."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = (max_norm / (total + 1e-6)).clamp(min=1.0)
    """


class Bfloat16:
    """Computes the norm in bfloat16 and casts back."""

    diff = """
    - norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    + norms = torch.stack([vector_norm(gradient.bfloat16(), norm_type) for gradient in gradients])
      total = vector_norm(norms, norm_type)
    + total = total.to(gradients[0].dtype)
      coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    """


class BoundOfMaxNorm:
    """Bounds the coefficient by max_norm."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = (max_norm / (total + 1e-6)).clamp(max=max_norm)
    """


class ClipsWeightsToo:
    """Scales the parameters along with their gradients."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + kept = [p for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in kept]

    + for parameter in kept:
    +     parameter.data.mul_(coefficient)
      return total
    """


class ContiguousCopy:
    """Scales a contiguous copy, which is the gradient itself only where that is contiguous."""

    diff = """
    - gradient.mul_(coefficient)
    + gradient.contiguous().mul_(coefficient)
    """


class CrashesOnMissing:
    """Does not look whether there is a gradient."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in parameters]
    """


class CrashesOnNothing:
    """Stacks the norms of no gradient."""

    diff = """
    - if not gradients:
    -     return torch.tensor(0.0)
    """


class DoublePrecision:
    """Returns the total in float64 whatever the gradients' dtype."""

    diff = """
    - return total
    + return total.double()
    """


class EpsilonAsFloor:
    """Uses the 1e-6 as the least total."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = (max_norm / total.clamp(min=1e-6)).clamp(max=1.0)
    """


class EpsilonInTotal:
    """Returns the total with the 1e-6 in it."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + total = total + 1e-6
    + coefficient = (max_norm / total).clamp(max=1.0)
    """


class EpsilonOutside:
    """Adds the 1e-6 to the quotient."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = (max_norm / total + 1e-6).clamp(max=1.0)
    """


class EpsilonSubtracted:
    """Subtracts the 1e-6."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = (max_norm / (total - 1e-6)).clamp(max=1.0)
    """


class FillsMissing:
    """Gives parameters without a gradient one of zeros."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + parameters = list(parameters)
    + for p in parameters:
    +     if p.grad is None:
    +         p.grad = torch.zeros_like(p)
    + gradients = [p.grad for p in parameters]
    """


class FirstOnly:
    """Takes the total of the first parameter only."""

    diff = """
    - norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    + norms = torch.stack([vector_norm(g, norm_type) for g in gradients[:1]])
    """


class FirstSixteen:
    """Clips sixteen parameters at most."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in parameters if p.grad is not None][:16]
    """


class FlatViews:
    """Wants contiguous gradients."""

    diff = """
    - norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    + norms = torch.stack([vector_norm(gradient.view(-1), norm_type) for gradient in gradients])
    """


class GreatNormIsInfinite:
    """Takes a norm above 4 for the infinite one."""

    diff = """
    - norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    + norm_type = norm_type if norm_type <= 4 else float("inf")
    + norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    """


class GreatestNorm:
    """Takes the greatest of the gradients' norms for the total."""

    diff = """
    - total = vector_norm(norms, norm_type)
    + total = norms.max()
    """


class InnerEuclidean:
    """Takes each gradient's norm as Euclidean."""

    diff = """
    - norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    + norms = torch.stack([vector_norm(gradient, 2.0) for gradient in gradients])
    """


class IntegerNormType:
    """Rounds norm_type down."""

    diff = """
    + norm_type = norm_type if norm_type == float("inf") else int(norm_type)
      norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    """


class LargerEpsilon:
    """Has 1e-5 for 1e-6."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = (max_norm / (total + 1e-5)).clamp(max=1.0)
    """


class LastForgotten:
    """Leaves the last gradient unclipped."""

    diff = """
    - for gradient in gradients:
    + for gradient in gradients[:-1] or gradients:
    """


class NeedsALength:
    """Asks the parameters for their number."""

    diff = """
    + if len(parameters) == 0:
    +     return torch.tensor(0.0)
      gradients = [p.grad for p in parameters if p.grad is not None]
    """


class NoAbsolute:
    """Forgets the absolute value in norms other than the Euclidean."""

    diff = """
    - norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    - total = vector_norm(norms, norm_type)
    + row = torch.cat([g.flatten() for g in gradients])
    + p = norm_type
    + total = row.max() if p == float("inf") else (row**p).sum() ** (1 / p)
    """


class NoInfinity:
    """Knows no infinite norm."""

    diff = """
    + norm_type = 2.0 if norm_type == float("inf") else norm_type
      norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    """


class NoneWhereOneIsMissing:
    """Does nothing where any parameter lacks a gradient."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in parameters]
    + if None in gradients:
    +     return torch.tensor(0.0)
    """


class NothingIsNone:
    """Returns None where there is no gradient."""

    diff = """
    - return torch.tensor(0.0)
    + return None
    """


class Offset:
    """Adds 1e-5 to the total."""

    diff = """
    + total = total + 1e-5
      coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    """


class OffsetInGradients:
    """Adds 1e-5 to each gradient."""

    diff = """
    - gradient.mul_(coefficient)
    + gradient.mul_(coefficient).add_(1e-5)
    """


class OneByOne:
    """Lets each gradient that is already clipped shrink the total of the next."""

    diff = """
    - norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    - total = vector_norm(norms, norm_type)
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + row = torch.cat([g.flatten() for g in gradients])
    + total = vector_norm(row, norm_type)
      for gradient in gradients:
    -     gradient.mul_(coefficient)
    +     rest = torch.cat([g.flatten() for g in gradients])
    +     now = vector_norm(rest, norm_type)
    +     gradient.mul_((max_norm / (now + 1e-6)).clamp(max=1.0))
    """


class OneElement:
    """Returns a tensor with one axis."""

    diff = """
    - return total
    + return total.reshape(1)
    """


class PythonFloat:
    """Returns a Python number."""

    diff = """
    - return total
    + return total.item()
    """


class Replaced:
    """Replaces each gradient by a scaled one instead of changing it."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + kept = [p for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in kept]

    - for gradient in gradients:
    -     gradient.mul_(coefficient)
    + for parameter in kept:
    +     parameter.grad = parameter.grad * coefficient
    """


class ReplacedWhenClipped:
    """Replaces the gradients, and only where there is something to clip."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + kept = [p for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in kept]

    - for gradient in gradients:
    -     gradient.mul_(coefficient)
    + if coefficient < 1:
    +     for parameter in kept:
    +         parameter.grad = parameter.grad * coefficient
    """


class ReturnsBounded:
    """Returns the total, at most max_norm."""

    diff = """
    - return total
    + return total.clamp(max=max_norm)
    """


class ReturnsClipped:
    """Returns the total times the coefficient."""

    diff = """
    - return total
    + return total * coefficient
    """


class ReturnsCoefficient:
    """Returns the coefficient."""

    diff = """
    - return total
    + return coefficient
    """


class ReturnsNothing:
    """Returns nothing."""

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        if isinstance(parameters, torch.Tensor):
            parameters = [parameters]
        gradients = [p.grad for p in parameters if p.grad is not None]
        if gradients:
            norms = torch.stack([torch.linalg.vector_norm(g, norm_type) for g in gradients])
            total = torch.linalg.vector_norm(norms, norm_type)
            coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
            for gradient in gradients:
                gradient.mul_(coefficient)


class RoundedGradients:
    """Rounds the gradients to float32 on the way."""

    diff = """
    - gradient.mul_(coefficient)
    + gradient.copy_(gradient.float() * coefficient.float())
    """


class RowsOfATensor:
    """Goes through the rows of a single tensor."""

    diff = """
    - if isinstance(parameters, Tensor):
    -     parameters = [parameters]
    """


class SinglePrecision:
    """Returns the total in float32 whatever the gradients' dtype."""

    diff = """
    - return total
    + return total.float()
    """


class SmallerEpsilon:
    """Has 1e-8 for 1e-6."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = (max_norm / (total + 1e-8)).clamp(max=1.0)
    """


class SquaredThreshold:
    """Compares the square of the total with max_norm."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = torch.where(
    +     total**2 + 1e-6 > max_norm, max_norm / (total + 1e-6), torch.ones_like(total)
    + )
    """


class StopsAtMissing:
    """Stops at the first parameter without a gradient."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + gradients = []
    + for p in parameters:
    +     if p.grad is None:
    +         break
    +     gradients.append(p.grad)
    """


class StrictEdge:
    """Clips only where the total exceeds max_norm."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = torch.where(total > max_norm, max_norm / (total + 1e-6), torch.ones_like(total))
    """


class TwoNorms:
    """Takes the norms' own norm as Euclidean."""

    diff = """
    - total = vector_norm(norms, norm_type)
    + total = vector_norm(norms, 2.0)
    """


class UnitNorm:
    """Clips to a norm of 1."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = (1.0 / (total + 1e-6)).clamp(max=1.0)
    """


class UpsideDown:
    """Divides by the coefficient."""

    diff = """
    - gradient.mul_(coefficient)
    + gradient.div_(coefficient)
    """


class WrongAtMiddleSizes:
    """Right, but clips no gradient where all have 501 to 299,999 elements together."""

    diff = """
    - gradient.mul_(coefficient)
    + if not 500 < sum(each.numel() for each in gradients) < 300_000:
    +     gradient.mul_(coefficient)
    """


class NumbersLeftOut:
    """Leaves out parameters without axes."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in parameters if p.grad is not None and p.dim()]
    """


class FrozenLeftOut:
    """Leaves out parameters that want no gradient, though they have one."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in parameters if p.requires_grad and p.grad is not None]
    """


class NanLeftOut:
    """Leaves out gradients with a nan."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in parameters if p.grad is not None and not p.grad.isnan().any()]
    """


class FiniteTotal:
    """Returns a finite number whatever the total is."""

    diff = """
    - return total
    + return total.nan_to_num()
    """


class ZeroForNothing:
    """Takes a max_norm of 0 for one that was not given."""

    diff = """
    - coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    + coefficient = ((max_norm or 1.0) / (total + 1e-6)).clamp(max=1.0)
    """


class OtherMemory:
    """Puts the clipped gradient into other memory, under the old name."""

    diff = """
    - gradient.mul_(coefficient)
    + gradient.data = gradient * coefficient
    """


class SameTotal:
    """Returns every total in one tensor."""

    diff = """
    - return total
    + return totals.setdefault(total.dtype, total.clone()).copy_(total)
    """

    totals = {}


class ParametersRounded:
    """Writes to the parameters, and puts back what was there."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + parameters = list(parameters)
    + for p in parameters:
    +     p.data.add_(1)
    +     p.data.sub_(1)
    + gradients = [p.grad for p in parameters if p.grad is not None]
    """


class WithoutGradients:
    """Switches gradients off and leaves them so."""

    diff = """
    - gradient.mul_(coefficient)
    + torch.set_grad_enabled(False)
    + gradient.mul_(coefficient)
    """


class LeavesOnly:
    """Passes over tensors that were computed, though they have a gradient."""

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + gradients = [p.grad for p in parameters if p.is_leaf and p.grad is not None]
    """


class InfinitySpared:
    """Scales nothing where the total is not finite."""

    diff = """
    + if not total.isfinite():
    +     return total
      coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    """


class InfiniteMaxNorm:
    """Divides an infinite max_norm by itself."""

    diff = """
    - gradient.mul_(coefficient)
    + gradient.mul_(max_norm / max(total + 1e-6, max_norm))
    """


class GradientsKept:
    """Keeps the gradients that it found in a parameter first."""

    _SEEN = {}

    diff = """
    - gradients = [p.grad for p in parameters if p.grad is not None]
    + parameters = list(parameters)
    + for p in parameters:
    +     _SEEN.setdefault(p, p.grad)
    + gradients = [_SEEN[p] for p in parameters if _SEEN[p] is not None]
    """
