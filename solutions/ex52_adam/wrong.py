"""Exercise 52, Adam: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class AbsoluteValue:
    """Divides by the mean of the absolute gradient."""

    diff = """
    - v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    + v.mul_(beta2).add_(g.abs(), alpha=1 - beta2)

    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * m_hat / (v_hat + self.eps))
    """


class Amsgrad:
    """Divides by the greatest v so far, as AMSGrad does."""

    diff = """
    - v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    + old = v.clone()
    + v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    + v.copy_(torch.maximum(old, v))
    """


class Ascends:
    """Climbs: adds the step instead of taking it off."""

    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.add_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    """


class BetasFixed:
    """Uses 0.9 and 0.999, whatever the betas are."""

    diff = """
    - self.betas = betas
    + self.betas = (0.9, 0.999)
    """


class Centered:
    """Divides by the root of the variance, as centered RMSprop does."""

    diff = """
    - v_hat = v / (1 - beta2 ** self.t[place])
    + v_hat = v / (1 - beta2 ** self.t[place]) - m_hat.square()
    + v_hat = v_hat.clamp(min=0)
    """


class ClassWide:
    """Keeps m and v in the class, where all optimizers share them."""

    diff = """
    - self.m = [torch.zeros_like(w) for w in self.params]
    + shared = vars(Adam).get("shared", {})
    + Adam.shared = shared
    + keys = [(place, tuple(w.shape), w.dtype) for place, w in enumerate(self.params)]
    + zeros = [torch.zeros_like(w) for w in self.params]
    + self.m = [shared.setdefault(key, zero) for key, zero in zip(keys, zeros)]
    """


class CoupledDecayAfterMeans:
    """Adds the coupled decay to the step, and not to the gradient."""

    diff = """
    - g = g + self.weight_decay * w
    + pass

    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + if not self.decoupled:
    +     w.mul_(1 - self.lr * self.weight_decay)
    + w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    """


class DecayOfMOnly:
    """Has the coupled decay in m and not in v."""

    diff = """
    - v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    + v.mul_(beta2).addcmul_(w.grad, w.grad, value=1 - beta2)
    """


class DecayHalved:
    """Takes half the weight decay, as the derivative of half the square."""

    diff = """
    - g = g + self.weight_decay * w
    + g = g + self.weight_decay * w / 2
    """


class DecayUnderMean:
    """Shrinks w where there is no gradient, too."""

    diff = """
    - if w.grad is not None:
    + if w.grad is None and self.decoupled:
    +     w.mul_(1 - self.lr * self.weight_decay)
    + if w.grad is not None:
    """


class EpsFixed:
    """Uses 1e-8, whatever eps is."""

    diff = """
    - self.eps = eps
    + self.eps = 1e-8
    """


class EpsForgotten:
    """Leaves eps out, so that a gradient of 0 gives nan."""

    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * m_hat / v_hat.sqrt())
    """


class FirstForgotten:
    """Moves all parameters but the first."""

    diff = """
    - if w.grad is not None:
    + if w.grad is not None and (place or len(self.params) == 1):
    """


class Float32Means:
    """Keeps m and v in float32."""

    diff = """
    - self.m = [torch.zeros_like(w) for w in self.params]
    - self.v = [torch.zeros_like(w) for w in self.params]
    + self.m = [torch.zeros_like(w, dtype=torch.float32) for w in self.params]
    + self.v = [torch.zeros_like(w, dtype=torch.float32) for w in self.params]
    """


class ForgetsTheMeans:
    """Forgets m and v in zero_grad."""

    diff = """
    - w.grad = None
    + w.grad = None
    + for each in (*self.m, *self.v):
    +     each.zero_()
    """


class GradientsDropped:
    """Sets the gradients to None after a step."""

    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.grad = None
    """


class LargeSteps:
    """Bounds the step to lr for every number."""

    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * (m_hat / (v_hat.sqrt() + self.eps)).clamp(-1, 1))
    """


class LearningRateDecays:
    """Divides the learning rate by the root of t, as the paper does in its analysis."""

    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr / self.t[place] ** 0.5 * m_hat / (v_hat.sqrt() + self.eps))
    """


class MeanOfSquaresOverTensor:
    """Has one number for v in place of one for each."""

    diff = """
    - v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    + v.mul_(beta2).add_(g.square().mean(), alpha=1 - beta2)
    """


class Nesterov:
    """Looks ahead with m, as NAdam does."""

    diff = """
    - m_hat = m / (1 - beta1 ** self.t[place])
    + m_hat = (beta1 * m + (1 - beta1) * g) / (1 - beta1 ** self.t[place])
    """


class NoMomentum:
    """Uses the gradient itself in place of m, as RMSprop does."""

    diff = """
    - m_hat = m / (1 - beta1 ** self.t[place])
    + m_hat = g
    """


class RateFixed:
    """Uses 1e-3, whatever lr is."""

    diff = """
    - self.lr = lr
    + self.lr = 1e-3
    """


class RateOfDefault:
    """Has a default lr of 1e-2."""

    diff = """
    - lr: float = 1e-3,
    + lr: float = 1e-2,
    """


class EpsOfDefault:
    """Has a default eps of 1e-6."""

    diff = """
    - eps: float = 1e-8,
    + eps: float = 1e-6,
    """


class SignOnly:
    """Moves by lr in the direction of m."""

    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * m_hat.sign())
    """


class SquareOfM:
    """Takes the square of m, not that of the gradient, into v."""

    diff = """
    - v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    + v.mul_(beta2).addcmul_(m, m, value=1 - beta2)
    """


class ThroughData:
    """Leaves the parameters where their memory is not in one piece."""

    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.contiguous().view(-1).sub_((self.lr * m_hat / (v_hat.sqrt() + self.eps)).reshape(-1))
    """


class Twice:
    """Counts every step twice."""

    diff = """
    - self.t[place] += 1
    + self.t[place] += 2
    """


class ZeroGradOfTheFirst:
    """Sets the gradient of the first parameter alone to None."""

    diff = """
    - for w in self.params:
    -     w.grad = None
    + for w in self.params[:1]:
    +     w.grad = None
    """


class ZeroGradForgotten:
    """Does nothing in zero_grad."""

    diff = """
    - for w in self.params:
    -     w.grad = None
    + pass
    """


class FrozenForgotten:
    """Forgets the parameters that want no gradient yet when the optimizer is made."""

    diff = """
    - self.params = list(params)
    + self.params = [w for w in params if w.requires_grad]
    """


class RateOfNought:
    """Takes an lr of 0 for none, and uses 1e-3."""

    diff = """
    - self.lr = lr
    + self.lr = lr or 1e-3
    """


class StatesInFloat64:
    """Keeps m and v in float64, whatever the parameters are in."""

    diff = """
    - self.m = [torch.zeros_like(w) for w in self.params]
    - self.v = [torch.zeros_like(w) for w in self.params]
    + self.m = [torch.zeros_like(w, dtype=torch.float64) for w in self.params]
    + self.v = [torch.zeros_like(w, dtype=torch.float64) for w in self.params]

    - m.mul_(beta1).add_(g, alpha=1 - beta1)
    + g = g.double()
    + m.mul_(beta1).add_(g, alpha=1 - beta1)

    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_((self.lr * m_hat / (v_hat.sqrt() + self.eps)).to(w.dtype))
    """


class VInFloat32:
    """Keeps v in float32 where the parameters are in half precision."""

    diff = """
    - self.v = [torch.zeros_like(w) for w in self.params]
    + self.v = [w.detach().float() * 0 if w.dtype.itemsize == 2 else w * 0 for w in self.params]
    + self.v = [v.detach() for v in self.v]

    - v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    + v.mul_(beta2).add_(g.to(v.dtype).square(), alpha=1 - beta2)

    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_((self.lr * m_hat / (v_hat.sqrt() + self.eps)).to(w.dtype))
    """


class CountInDtype:
    """Counts the steps in the parameter's dtype, in which 256 + 1 may be 256."""

    diff = """
    - self.t = [0 for _ in self.params]
    + self.t = [torch.zeros((), dtype=w.dtype) for w in self.params]

    - m_hat = m / (1 - beta1 ** self.t[place])
    - v_hat = v / (1 - beta2 ** self.t[place])
    + t = self.t[place].item()
    + m_hat = m / (1 - beta1**t)
    + v_hat = v / (1 - beta2**t)
    """


class AsksForGradients:
    """Moves only what wants a gradient at the moment."""

    diff = """
    - if w.grad is not None:
    + if w.requires_grad and w.grad is not None:
    """


class KeyedByMemory:
    """Keeps m, v and t by where the parameter lies in memory, and begins anew once it is moved."""

    diff = """
    - m, v = self.m[place], self.v[place]
    - self.t[place] += 1
    + key = w.data_ptr() or -1 - place
    + kept = vars(self).setdefault("state", {})
    + m, v, t = kept.get(key) or (torch.zeros_like(w), torch.zeros_like(w), 0)
    + t += 1
    + kept[key] = m, v, t

    - m_hat = m / (1 - beta1 ** self.t[place])
    - v_hat = v / (1 - beta2 ** self.t[place])
    + m_hat = m / (1 - beta1**t)
    + v_hat = v / (1 - beta2**t)
    """
