"""Exercise 45, IndRNN as a module: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class Float32State:
    """Begins with float32 zeros, whatever x is."""

    diff = """
    - h_0 = x.new_zeros(rows, x.shape[1], self.hidden_size)
    + h_0 = torch.zeros(rows, x.shape[1], self.hidden_size)

    - h = torch.relu(step + w_hh * h)
    + h = torch.relu(step.to(h.dtype) + w_hh.to(h.dtype) * h)
    """


class Bfloat16:
    """Computes the product in bfloat16 and casts back."""

    diff = """
    - inputs = x @ getattr(self, f"weight_ih_{name}").T
    + inputs = (x.bfloat16() @ getattr(self, f"weight_ih_{name}").T.bfloat16()).to(x.dtype)
    """


class Clipped:
    """Clips the states at 6, as ReLU6 does."""

    diff = """
    - h = torch.relu(step + w_hh * h)
    + h = torch.nn.functional.relu6(step + w_hh * h)
    """


class Leaky:
    """Lets a little through below zero."""

    diff = """
    - h = torch.relu(step + w_hh * h)
    + h = torch.nn.functional.leaky_relu(step + w_hh * h)
    """


class Softplus:
    """Uses a smooth relu."""

    diff = """
    - h = torch.relu(step + w_hh * h)
    + h = torch.nn.functional.softplus(step + w_hh * h)
    """


class RecurrentClamped:
    """Clamps the recurrent weights to [0, 1] in every call, as training may do outside."""

    diff = """
    - w_hh = getattr(self, f"weight_hh_{name}")
    + w_hh = getattr(self, f"weight_hh_{name}").clamp(0, 1)
    """


class RecurrentForgotten:
    """Forgets the past in layers above the first."""

    diff = """
    - h = torch.relu(step + w_hh * h)
    + h = torch.relu(step + w_hh * h) if name.startswith("l0") else torch.relu(step)
    """


class RecurrentAroundZero:
    """Starts the recurrent weights around zero, as the others."""

    diff = """
    - drawn["weight_hh"] = torch.empty(hidden_size).uniform_(0, 1)
    + drawn["weight_hh"] = torch.empty(hidden_size).uniform_(-reach, reach)
    """


class RecurrentOnes:
    """Starts all recurrent weights at one."""

    diff = """
    - drawn["weight_hh"] = torch.empty(hidden_size).uniform_(0, 1)
    + drawn["weight_hh"] = torch.ones(hidden_size)
    """


class InitialZeros:
    """Starts with zeros but for the recurrent weights."""

    diff = """
    - drawn = {"weight_ih": torch.empty(hidden_size, width).uniform_(-reach, reach)}
    + drawn = {"weight_ih": torch.zeros(hidden_size, width)}
    """


class InitialHalf:
    """Starts the recurrent weights in the upper part of their range."""

    diff = """
    - drawn["weight_hh"] = torch.empty(hidden_size).uniform_(0, 1)
    + drawn["weight_hh"] = torch.empty(hidden_size).uniform_(0.7, 1)
    """


class InitialSeeded:
    """Starts with the same numbers every time."""

    diff = """
    - reach = 1 / math.sqrt(hidden_size)
    + reach = 1 / math.sqrt(hidden_size)
    + torch.manual_seed(0)
    """


class BiasesLast:
    """Registers the biases of all layers behind the weights."""

    diff = """
      width = hidden_size * len(self.suffixes)
    + for name, value in list(self._parameters.items()):
    +     if name.startswith("bias"):
    +         self._parameters[name] = self._parameters.pop(name)
    """


class RecurrentColumn:
    """Keeps the recurrent weights as a column."""

    diff = """
    - drawn["weight_hh"] = torch.empty(hidden_size).uniform_(0, 1)
    + drawn["weight_hh"] = torch.empty(hidden_size, 1).uniform_(0, 1)

    - w_hh = getattr(self, f"weight_hh_{name}")
    + w_hh = getattr(self, f"weight_hh_{name}")[:, 0]
    """


class Buffers:
    """Registers buffers, which no optimizer finds."""

    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + self.register_buffer(f"{name}_l{k}{suffix}", value)
    """


class Frozen:
    """Has recurrent weights that ask for no gradient."""

    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + asks = name != "weight_hh"
    + setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value, requires_grad=asks))
    """


class SharedByAll:
    """Keeps its parameters in the class, where all objects share them."""

    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + kept = vars(IndRNN).get("kept", {})
    + IndRNN.kept = kept
    + key = (name, k, suffix, value.shape)
    + kept.setdefault(key, nn.Parameter(value))
    + setattr(self, f"{name}_l{k}{suffix}", kept[key])
    """


class Detached:
    """Cuts the gradient between steps."""

    diff = """
    - h = torch.relu(step + w_hh * h)
    + h = torch.relu(step + w_hh * h.detach())
    """


class WeightDetached:
    """Lets no gradient reach the recurrent weights."""

    diff = """
    - w_hh = getattr(self, f"weight_hh_{name}")
    + w_hh = getattr(self, f"weight_hh_{name}").data
    """


class StateDetached:
    """Lets no gradient reach h_0."""

    diff = """
    - states = list(h_0)
    + states = list(h_0.detach())
    """


class StateInPlace:
    """Writes the last states into h_0."""

    diff = """
    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + h_n = torch.stack(states)
    + h_0.data.copy_(h_n.data)
    + return x.transpose(0, 1) if self.batch_first else x, h_n
    """


class StateOfFirstSample:
    """Begins every sample with the first one's state."""

    diff = """
    - states = list(h_0)
    + states = list(h_0[:, :1].expand_as(h_0))
    """


class Residual:
    """Adds what a layer reads to what it gives, where the sizes allow."""

    diff = """
    - x = torch.cat(outputs, dim=-1)
    + below = x
    + x = torch.cat(outputs, dim=-1)
    + x = x + below if k > 0 else x
    """


class BatchNormed:
    """Takes the mean over the batch off what the inputs add."""

    diff = """
    - w_hh = getattr(self, f"weight_hh_{name}")
    + w_hh = getattr(self, f"weight_hh_{name}")
    + inputs = inputs - inputs.mean(dim=1, keepdim=True)
    """


class CopyIsItself:
    """Gives itself for a copy."""

    diff = """
    - self.hidden_size = hidden_size
    + self.hidden_size = hidden_size
    + IndRNN.__deepcopy__ = lambda self, memo: self
    """


class Cached:
    """Remembers its last result by the shape of the input."""

    diff = """
    - states = list(h_0)
    + kept = vars(self).get("kept")
    + if kept is not None and kept[0].shape == x.shape and not x.requires_grad:
    +     return kept[1]
    + given = x
    + states = list(h_0)

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


class TenLayers:
    """Stops after ten layers."""

    diff = """
    - for k in range(self.num_layers):
    + for k in range(min(self.num_layers, 10)):
    """


class ShortTerm:
    """Forgets what lies more than twenty steps back."""

    diff = """
    - for step in inputs:
    + for t, step in enumerate(inputs):
    +     h = h * (t % 20 != 19)
    """


class SuffixOnlyRead:
    """Makes the parameters of the reverse direction without _reverse in their names, and then looks
    for them with it."""

    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + setattr(self, f"{name}_l{k}", nn.Parameter(value))
    """


class NoneNotExpected:
    """Takes a first state that is said to be None for one that is given."""

    diff = """
    - def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
    + def forward(self, x: Tensor, *given: Tensor) -> tuple[Tensor, Tensor]:

    - if h_0 is None:
    + if given:
    +     (h_0,) = given
    + else:
    """
