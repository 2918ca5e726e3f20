"""Exercise 45, IndRNN as a module: what people really write, and the sentence that helps.

Each class is one wrong idea, told by what differs from the reference.
"""


class PlainContainer:
    """The module does not see your parameters: they are plain tensors, or in a plain list or dict;
    make each an nn.Parameter, and give it to setattr(self, name, ...)."""

    caught_by = "test_parameters"
    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + vars(self)[f"{name}_l{k}{suffix}"] = nn.Parameter(value)
    """


class RecurrentMatrix:
    """Your recurrent weights seem to be a matrix (H, H); each unit has one number for its own
    past, so that weight_hh is (H,)."""

    caught_by = "test_parameters"
    diff = """
    - drawn["weight_hh"] = torch.empty(hidden_size).uniform_(0, 1)
    + drawn["weight_hh"] = torch.empty(hidden_size, hidden_size).uniform_(0, 1)

    - h = torch.relu(step + w_hh * h)
    + h = torch.relu(step + h @ w_hh.T)
    """


class TwoBiases:
    """You seem to have two biases, as torch's RNN has; here there is one, bias_l{k}."""

    caught_by = "test_parameters"
    diff = """
    - drawn["bias"] = torch.empty(hidden_size).uniform_(-reach, reach)
    + drawn["bias_ih"] = torch.empty(hidden_size).uniform_(-reach, reach)
    + drawn["bias_hh"] = torch.empty(hidden_size).uniform_(-reach, reach)

    - inputs = inputs + getattr(self, f"bias_{name}")
    + inputs = inputs + getattr(self, f"bias_ih_{name}") + getattr(self, f"bias_hh_{name}")
    """


class BiasAlways:
    """You seem to have a bias where bias=False; then there is none."""

    caught_by = "test_parameters"
    diff = """
    - self.bias = bias
    + self.bias = bias = True
    """


class Tanh:
    """Your units seem to go through tanh; IndRNN has a relu."""

    caught_by = "test_step"
    diff = """
    - h = torch.relu(step + w_hh * h)
    + h = torch.tanh(step + w_hh * h)
    """


class ReluInside:
    """Your relu seems to act on the input's part alone; it acts on the whole sum, w_hh * h
    included."""

    caught_by = "test_step"
    diff = """
    - h = torch.relu(step + w_hh * h)
    + h = torch.relu(step) + w_hh * h
    """


class BiasForgotten:
    """Your bias seems not to be added; it is, at every step."""

    caught_by = "test_step"
    diff = """
    - if self.bias:
    -     inputs = inputs + getattr(self, f"bias_{name}")
    """


class SuffixForgotten:
    """Your reverse direction's parameters seem to lack _reverse at the end of their names, so that
    they take the place of the forward one's."""

    caught_by = "test_parameters_reverse"
    diff = """
    - setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
    + setattr(self, f"{name}_l{k}", nn.Parameter(value))

    - output, states[place] = self._direction(steps, states[place], f"l{k}{suffix}")
    + output, states[place] = self._direction(steps, states[place], f"l{k}")
    """


class LayersShared:
    """Your upper layers seem to share the parameters of layer 1; each has its own."""

    caught_by = "test_layers"
    diff = """
    - output, states[place] = self._direction(steps, states[place], f"l{k}{suffix}")
    + output, states[place] = self._direction(steps, states[place], f"l{min(k, 1)}{suffix}")
    """


class LastLayerOnly:
    """Your h_n seems to hold the last layer's states alone; it has a row for every layer and
    direction."""

    caught_by = "test_layers"
    diff = """
    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + states = states[-len(self.suffixes) :]
    + return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    """


class ReverseForgotten:
    """Your reverse direction seems to read forward in time; it begins at the last step."""

    caught_by = "test_reverse"
    diff = """
    - steps = x.flip(0) if suffix else x
    + steps = x

    - outputs.append(output.flip(0) if suffix else output)
    + outputs.append(output)
    """


class NotReversedBack:
    """Your reverse direction's output seems to stand in the order in which it was computed; put it
    back in the order of time: output.flip(0)."""

    caught_by = "test_reverse"
    diff = """
    - outputs.append(output.flip(0) if suffix else output)
    + outputs.append(output)
    """


class ReverseWeightsForgotten:
    """Your reverse direction seems to use the forward one's parameters; its own end in _reverse."""

    caught_by = "test_reverse"
    diff = """
    - output, states[place] = self._direction(steps, states[place], f"l{k}{suffix}")
    + output, states[place] = self._direction(steps, states[place], f"l{k}")
    """


class LastStates:
    """Your h_n seems to be the output's last time step; the reverse direction ends at the first."""

    caught_by = "test_reverse"
    diff = """
    - outputs.append(output.flip(0) if suffix else output)
    + outputs.append(output.flip(0) if suffix else output)
    + states[place] = outputs[-1][-1]
    """


class DirectionsFirst:
    """Your states seem to be ordered by direction, then by layer; it is layer by layer, with the
    forward direction before the reverse one."""

    caught_by = "test_state"
    diff = """
    - place = len(self.suffixes) * k + len(outputs)
    + place = self.num_layers * len(outputs) + k
    """


class EndsByDirection:
    """Your h_n seems to be ordered by direction, then by layer; it is layer by layer, with the
    forward direction before the reverse one, as h_0 is."""

    caught_by = "test_state"
    diff = """
    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + if len(self.suffixes) == 2:
    +     states = states[0::2] + states[1::2]
    + return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    """


class StartsByDirection:
    """You seem to read h_0 ordered by direction, then by layer; it is layer by layer, with the
    forward direction before the reverse one, as h_n is."""

    caught_by = "test_state"
    diff = """
    - states = list(h_0)
    + states = list(h_0)
    + if len(self.suffixes) == 2:
    +     states = [states[k + d * self.num_layers] for k in range(self.num_layers) for d in (0, 1)]
    """


class StateIgnored:
    """Your result seems not to depend on h_0; where it is given, the states begin with it."""

    caught_by = "test_state"
    diff = """
    - if h_0 is None:
    + if True:
    """


class StateKept:
    """You seem to begin where the last call ended; without an h_0 the states begin with zeros."""

    caught_by = "test_apart"
    diff = """
    - if h_0 is None:
    + kept = vars(self).get("kept")
    + if h_0 is None and kept is not None and kept.shape[1] == x.shape[1]:
    +     h_0 = kept
    + if h_0 is None:

    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + self.kept = torch.stack(states).detach()
    + return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    """


class StateKeptUncut:
    """You seem to begin where the last call ended, and gradients go back into it; without an h_0
    the states begin with zeros."""

    caught_by = "test_apart"
    diff = """
    - if h_0 is None:
    + kept = vars(self).get("kept")
    + if h_0 is None and kept is not None and kept.shape[1] == x.shape[1]:
    +     h_0 = kept
    + if h_0 is None:

    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + self.kept = torch.stack(states)
    + return x.transpose(0, 1) if self.batch_first else x, self.kept
    """


class BatchFirstIgnored:
    """Your module seems to take no notice of batch_first: transpose what comes in and goes out."""

    caught_by = "test_batch_first"
    diff = """
    - self.batch_first = batch_first
    + self.batch_first = False
    """


class BatchFirstOnTheWayIn:
    """With batch_first your output seems to have time first; transpose it back."""

    caught_by = "test_batch_first"
    diff = """
    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + return x, torch.stack(states)
    """


class StateTransposed:
    """With batch_first your h_n seems to have the batch first too; that speaks of sequences alone,
    a state is (L * directions, N, H) all the same."""

    caught_by = "test_batch_first"
    diff = """
    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + h_n = torch.stack(states)
    + return (x.transpose(0, 1), h_n.transpose(0, 1)) if self.batch_first else (x, h_n)
    """
