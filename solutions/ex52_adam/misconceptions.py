"""Exercise 52, Adam: what people really write, and the sentence that helps.

Each class is one wrong idea, told by what differs from the reference.
"""


class NoBiasCorrection:
    """You seem to use m and v as they are; both begin with zeros, so divide them by 1 - beta1^t and
    1 - beta2^t."""

    caught_by = "test_first_step"
    diff = """
    - m_hat = m / (1 - beta1 ** self.t[place])
    - v_hat = v / (1 - beta2 ** self.t[place])
    + m_hat = m
    + v_hat = v
    """


class OnlyMCorrected:
    """You seem to correct m alone; v begins with zeros too: divide it by 1 - beta2^t."""

    caught_by = "test_first_step"
    diff = """
    - v_hat = v / (1 - beta2 ** self.t[place])
    + v_hat = v
    """


class OnlyVCorrected:
    """You seem to correct v alone; m begins with zeros too: divide it by 1 - beta1^t."""

    caught_by = "test_first_step"
    diff = """
    - m_hat = m / (1 - beta1 ** self.t[place])
    + m_hat = m
    """


class CorrectedForGood:
    """You seem to keep the corrected m and v for the next step; only m and v themselves go on."""

    caught_by = "test_steps"
    diff = """
    - m_hat = m / (1 - beta1 ** self.t[place])
    - v_hat = v / (1 - beta2 ** self.t[place])
    + m_hat = m.div_(1 - beta1 ** self.t[place])
    + v_hat = v.div_(1 - beta2 ** self.t[place])
    """


class CorrectedAsFirst:
    """You seem to correct every step as if it were the first: t grows with each."""

    caught_by = "test_steps"
    diff = """
    - self.t[place] += 1
    + self.t[place] = 1
    """


class CountedLate:
    """Your t seems to be one too small, so that the first step divides by 0: count before you
    correct."""

    caught_by = "test_first_step"
    diff = """
    - self.t[place] += 1

    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + self.t[place] += 1
    """


class CountStartsAtTwo:
    """Your t seems to be one too large: it is 1 in the first step."""

    caught_by = "test_first_step"
    diff = """
    - self.t = [0 for _ in self.params]
    + self.t = [1 for _ in self.params]
    """


class EpsUnderRoot:
    """Your eps seems to stand under the root; it is added to the root: sqrt(v_hat) + eps."""

    caught_by = "test_first_step"
    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * m_hat / (v_hat + self.eps).sqrt())
    """


class EpsBeforeCorrection:
    """You seem to add eps to the root of v, and to correct afterwards; it is added to the root of
    v_hat, which is corrected already."""

    caught_by = "test_first_step"
    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * m_hat / (v.sqrt() + self.eps) * (1 - beta2 ** self.t[place]) ** 0.5)
    """


class NoRoot:
    """You seem to divide by v_hat; divide by its root."""

    caught_by = "test_first_step"
    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * m_hat / (v_hat + self.eps))
    """


class BetasSwapped:
    """Your betas seem to have changed places: the first is for m, the second for v."""

    caught_by = "test_steps"
    diff = """
    - beta1, beta2 = self.betas
    + beta2, beta1 = self.betas
    """


class MomentumNotAveraged:
    """Your m seems to be a sum, beta1 * m + g, as in SGD with momentum; in a mean, g has the weight
    1 - beta1."""

    caught_by = "test_first_step"
    diff = """
    - m.mul_(beta1).add_(g, alpha=1 - beta1)
    + m.mul_(beta1).add_(g)
    """


class DecayIgnored:
    """You seem to take no notice of weight_decay."""

    caught_by = "test_weight_decay"
    diff = """
    - self.weight_decay = weight_decay
    + self.weight_decay = 0.0
    """


class DecayAlwaysCoupled:
    """You seem to add weight_decay * w to the gradient with decoupled=True as well; then m and v
    know nothing of the decay, and w shrinks by itself."""

    caught_by = "test_decoupled"
    diff = """
    - if self.decoupled:
    -     w.mul_(1 - self.lr * self.weight_decay)
    - elif self.weight_decay:
    + if self.weight_decay:
    """


class DecayNeverCoupled:
    """You seem to shrink w by itself with decoupled=False as well; then weight_decay * w is a part
    of the gradient, in m and in v."""

    caught_by = "test_weight_decay"
    diff = """
    - if self.decoupled:
    + if True:
    """


class FlagInverted:
    """Your two kinds of weight decay seem to have changed places: it is decoupled=True that leaves
    m and v alone."""

    caught_by = "test_weight_decay"
    diff = """
    - if self.decoupled:
    + if not self.decoupled:
    """


class DecayWithoutRate:
    """Decoupled, you seem to shrink w by 1 - weight_decay; it is 1 - lr * weight_decay."""

    caught_by = "test_decoupled"
    diff = """
    - w.mul_(1 - self.lr * self.weight_decay)
    + w.mul_(1 - self.weight_decay)
    """


class DecayAfterTheStep:
    """Decoupled, you seem to shrink w after its step; it shrinks before."""

    caught_by = "test_decoupled"
    diff = """
    - w.mul_(1 - self.lr * self.weight_decay)
    + pass

    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + if self.decoupled:
    +     w.mul_(1 - self.lr * self.weight_decay)
    """


class OneCountForAll:
    """You seem to count steps for all parameters together; one that was left out has taken fewer,
    so each needs a t of its own."""

    caught_by = "test_left_out"
    diff = """
    - if w.grad is not None:
    + self.t[place] += w.grad is None
    + if w.grad is not None:
    """


class NoneAsZeros:
    """You seem to take a gradient of None for zeros, so that m still moves the parameter; it is
    left out of the step."""

    caught_by = "test_left_out"
    diff = """
    - if w.grad is not None:
    -     self._move(place, w, w.grad)
    + self._move(place, w, torch.zeros_like(w) if w.grad is None else w.grad)
    """


class ZerosNotNone:
    """Your zero_grad seems to fill the gradients with zeros; set them to None, so that a step
    leaves the parameter out."""

    caught_by = "test_zero_grad"
    diff = """
    - w.grad = None
    + if w.grad is not None:
    +     w.grad.zero_()
    """


class Rebound:
    """Your parameters do not move: w = w - ... makes a new tensor, and the model keeps the old one;
    change it in place, under torch.no_grad()."""

    caught_by = "test_first_step"
    diff = """
    - w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
    + w = w - self.lr * m_hat / (v_hat.sqrt() + self.eps)
    """


class WithGraph:
    """You seem to change a parameter outside of torch.no_grad(), which torch does not allow for a
    tensor that requires a gradient."""

    caught_by = "test_first_step"
    diff = """
    - with torch.no_grad():
    -     for place, w in enumerate(self.params):
    -         if w.grad is not None:
    -             self._move(place, w, w.grad)
    + for place, w in enumerate(self.params):
    +     if w.grad is not None:
    +         self._move(place, w, w.grad)
    """


class GeneratorKept:
    """You seem to keep params as it comes; a generator can be read once, and is empty after that:
    keep list(params)."""

    caught_by = "test_first_step"
    diff = """
    - self.params = list(params)
    + self.params = params
    """


class GradientChanged:
    """You seem to add the decay to the gradient itself; make a new tensor, and leave `.grad` as it
    is."""

    caught_by = "test_gradients_stay"
    diff = """
    - g = g + self.weight_decay * w
    + g.add_(w, alpha=self.weight_decay)
    """
