"""Exercise 44, JANET as a module: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class Float32State:
    """Begins with float32 zeros, whatever x is."""

    diff = """
    - c_0 = x.new_zeros(rows, x.shape[1], self.hidden_size)
    + c_0 = torch.zeros(rows, x.shape[1], self.hidden_size)
    """


class Bfloat16:
    """Computes the recurrence in bfloat16 and casts back."""

    diff = """
    - s, g = (step + c @ w_hh.T).chunk(2, dim=-1)
    + s, g = (step + (c.bfloat16() @ w_hh.T.bfloat16()).to(c.dtype)).chunk(2, dim=-1)
    """


class InitialZeros:
    """Starts with zeros."""

    diff = """
    - value = torch.empty(shape).uniform_(-reach, reach)
    + value = torch.zeros(shape)
    """


class InitialNormal:
    """Starts with a normal distribution."""

    diff = """
    - value = torch.empty(shape).uniform_(-reach, reach)
    + value = torch.randn(shape) * reach
    """


class InitialSeeded:
    """Starts with the same numbers every time."""

    diff = """
    - value = torch.empty(shape).uniform_(-reach, reach)
    + fixed = torch.Generator().manual_seed(0)
    + value = torch.empty(shape).uniform_(-reach, reach, generator=fixed)
    """


class BiasesLast:
    """Registers the biases of all layers behind the weights."""

    diff = """
      width = hidden_size * len(self.suffixes)
    + for name, value in list(self._parameters.items()):
    +     if name.startswith("bias"):
    +         self._parameters[name] = self._parameters.pop(name)
    """


class Buffers:
    """Registers buffers, which no optimizer finds."""

    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + self.register_buffer(f"{name}_l{k}{suffix}", value)
    """


class Frozen:
    """Has parameters that ask for no gradient."""

    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value, requires_grad=False))
    """


class SharedByAll:
    """Keeps its parameters in the class, where all objects share them."""

    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + kept = vars(JANET).get("kept", {})
    + JANET.kept = kept
    + key = (name, k, suffix, shape)
    + kept.setdefault(key, nn.Parameter(value))
    + setattr(self, f"{name}_l{k}{suffix}", kept[key])
    """


class Detached:
    """Cuts the gradient between steps."""

    diff = """
    - s, g = (step + c @ w_hh.T).chunk(2, dim=-1)
    + c = c.detach()
    + s, g = (step + c @ w_hh.T).chunk(2, dim=-1)
    """


class WeightDetached:
    """Lets no gradient reach the recurrent weights."""

    diff = """
    - w_hh = getattr(self, f"weight_hh_{name}")
    + w_hh = getattr(self, f"weight_hh_{name}").data
    """


class StateDetached:
    """Lets no gradient reach c_0."""

    diff = """
    - states = list(c_0)
    + states = list(c_0.detach())
    """


class StateInPlace:
    """Writes the last cells into c_0."""

    diff = """
    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + c_n = torch.stack(states)
    + c_0.data.copy_(c_n.data)
    + return x.transpose(0, 1) if self.batch_first else x, c_n
    """


class DropoutUnscaled:
    """Drops, and does not scale what it keeps."""

    diff = """
    - x = nn.functional.dropout(x, self.dropout, self.training)
    + if self.training:
    +     x = x * (torch.rand_like(x) >= self.dropout)
    """


class DropoutKeepRate:
    """Takes the rate for that of what is kept."""

    diff = """
    - x = nn.functional.dropout(x, self.dropout, self.training)
    + x = nn.functional.dropout(x, 1 - self.dropout, self.training and self.dropout > 0)
    """


class DropoutOfRows:
    """Drops the same elements at every time step."""

    diff = """
    - x = nn.functional.dropout(x, self.dropout, self.training)
    + x = x * nn.functional.dropout(torch.ones_like(x[0]), self.dropout, self.training)
    """


class DropoutOnce:
    """Draws one mask, and drops by it in every call."""

    diff = """
    - x = nn.functional.dropout(x, self.dropout, self.training)
    + if self.training:
    +     if vars(self).get("mask") is None or self.mask.shape != x.shape:
    +         self.mask = nn.functional.dropout(torch.ones_like(x), self.dropout)
    +     x = x * self.mask
    """


class DropoutBeforeTheFirst:
    """Drops elements of the input too."""

    diff = """
    - if k > 0:
    + if k >= 0:
    """


class CopyIsItself:
    """Gives itself for a copy."""

    diff = """
    - self.hidden_size = hidden_size
    + self.hidden_size = hidden_size
    + JANET.__deepcopy__ = lambda self, memo: self
    """


class Cached:
    """Remembers its last result by the shape of the input."""

    diff = """
    - states = list(c_0)
    + kept = vars(self).get("kept")
    + if kept is not None and kept[0].shape == x.shape and not x.requires_grad:
    +     return kept[1]
    + given = x
    + states = list(c_0)

    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + result = x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + self.kept = given, result
    + return result
    """


class Viewed:
    """Looks at its input as rows, which only a contiguous tensor allows."""

    diff = """
    - inputs = x @ getattr(self, f"weight_ih_{name}").T
    + inputs = x.view(-1, x.shape[-1]) @ getattr(self, f"weight_ih_{name}").T
    + inputs = inputs.view(*x.shape[:-1], -1)
    """


class TwoLayersAtMost:
    """Stops after three layers."""

    diff = """
    - for k in range(self.num_layers):
    + for k in range(min(self.num_layers, 3)):
    """


class ShortTerm:
    """Forgets what lies more than twenty steps back."""

    diff = """
    - for step in inputs:
    + for t, step in enumerate(inputs):
    +     c = c * (t % 20 != 19)
    """


class SuffixOnlyRead:
    """Makes the parameters of the reverse direction without _reverse in their names, and then looks
    for them with it."""

    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + setattr(self, f"{name}_l{k}", nn.Parameter(value))
    """


class BiasesKept:
    """Keeps the sum of the biases from its first call in eval() on, whatever is loaded later."""

    diff = """
    - inputs = inputs + getattr(self, f"bias_ih_{name}") + getattr(self, f"bias_hh_{name}")
    + kept = vars(self).setdefault("kept", {})
    + both = getattr(self, f"bias_ih_{name}") + getattr(self, f"bias_hh_{name}")
    + inputs = inputs + (both if self.training else kept.setdefault(name, both))
    """


class ForwardDropped:
    """Drops what the forward direction reads, and not what the reverse one does."""

    diff = """
      if k > 0:
    -     x = nn.functional.dropout(x, self.dropout, self.training)
    +     x, whole = nn.functional.dropout(x, self.dropout, self.training), x
      outputs = []
      for suffix in self.suffixes:
          place = len(self.suffixes) * k + len(outputs)
    -     steps = x.flip(0) if suffix else x
    +     steps = (whole if k > 0 else x).flip(0) if suffix else x
    """


class NoneNotExpected:
    """Takes a first state that is said to be None for one that is given."""

    diff = """
    - def forward(self, x: Tensor, c_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
    + def forward(self, x: Tensor, *given: Tensor) -> tuple[Tensor, Tensor]:

    - if c_0 is None:
    + if given:
    +     (c_0,) = given
    + else:
    """
