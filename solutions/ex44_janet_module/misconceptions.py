"""Exercise 44, JANET as a module: what people really write, and the sentence that helps.

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


class DirectionsFirst:
    """Your states seem to be ordered by direction, then by layer; it is layer by layer, with the
    forward direction before the reverse one."""

    caught_by = "test_state"
    diff = """
    - place = len(self.suffixes) * k + len(outputs)
    + place = self.num_layers * len(outputs) + k
    """


class EndsByDirection:
    """Your c_n seems to be ordered by direction, then by layer; it is layer by layer, with the
    forward direction before the reverse one, as c_0 is."""

    caught_by = "test_state"
    diff = """
    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + if len(self.suffixes) == 2:
    +     states = states[0::2] + states[1::2]
    + return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    """


class StartsByDirection:
    """You seem to read c_0 ordered by direction, then by layer; it is layer by layer, with the
    forward direction before the reverse one, as c_n is."""

    caught_by = "test_state"
    diff = """
    - states = list(c_0)
    + states = list(c_0)
    + if len(self.suffixes) == 2:
    +     states = [states[k + d * self.num_layers] for k in range(self.num_layers) for d in (0, 1)]
    """


class StateIgnored:
    """Your result seems not to depend on c_0; where it is given, the cells begin with it."""

    caught_by = "test_state"
    diff = """
    - if c_0 is None:
    + if True:
    """


class StateKept:
    """You seem to begin where the last call ended; without a c_0 the cells begin with zeros."""

    caught_by = "test_apart"
    diff = """
    - if c_0 is None:
    + kept = vars(self).get("kept")
    + if c_0 is None and kept is not None and kept.shape[1] == x.shape[1]:
    +     c_0 = kept
    + if c_0 is None:

    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + self.kept = torch.stack(states).detach()
    + return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    """


class StateKeptUncut:
    """You seem to begin where the last call ended, and gradients go back into it; without a c_0
    the cells begin with zeros."""

    caught_by = "test_apart"
    diff = """
    - if c_0 is None:
    + kept = vars(self).get("kept")
    + if c_0 is None and kept is not None and kept.shape[1] == x.shape[1]:
    +     c_0 = kept
    + if c_0 is None:

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
    """With batch_first your c_n seems to have the batch first too; that speaks of sequences alone,
    a state is (L * directions, N, H) all the same."""

    caught_by = "test_batch_first"
    diff = """
    - return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)
    + c_n = torch.stack(states)
    + return (x.transpose(0, 1), c_n.transpose(0, 1)) if self.batch_first else (x, c_n)
    """


class OneBias:
    """You seem to add bias_ih alone; bias_hh is added as well."""

    caught_by = "test_step"
    diff = """
    - inputs = inputs + getattr(self, f"bias_ih_{name}") + getattr(self, f"bias_hh_{name}")
    + inputs = inputs + getattr(self, f"bias_ih_{name}")
    """


class BiasAlways:
    """You seem to have biases where bias=False; then there are none."""

    caught_by = "test_parameters"
    diff = """
    - self.bias = bias
    + self.bias = bias = True
    """


class BetaForgotten:
    """Your step seems to lack beta = 1: what is added is (1 - sigmoid(s - 1)) * tanh(g)."""

    caught_by = "test_step"
    diff = """
    - c = torch.sigmoid(s) * c + (1 - torch.sigmoid(s - 1)) * torch.tanh(g)
    + c = torch.sigmoid(s) * c + (1 - torch.sigmoid(s)) * torch.tanh(g)
    """


class CandidateFirst:
    """Your blocks look stacked as g, s; the gate's block comes first, then the candidate's."""

    caught_by = "test_step"
    diff = """
    - s, g = (step + c @ w_hh.T).chunk(2, dim=-1)
    + g, s = (step + c @ w_hh.T).chunk(2, dim=-1)
    """


class LastStates:
    """Your c_n seems to be the output's last time step; the reverse direction ends at the first."""

    caught_by = "test_reverse"
    diff = """
    - outputs.append(output.flip(0) if suffix else output)
    + outputs.append(output.flip(0) if suffix else output)
    + states[place] = outputs[-1][-1]
    """


class DropoutInEval:
    """You seem to drop in eval() too; give dropout self.training, or use nn.Dropout."""

    caught_by = "test_modes"
    diff = """
    - x = nn.functional.dropout(x, self.dropout, self.training)
    + x = nn.functional.dropout(x, self.dropout)
    """


class DropoutAtTheEnd:
    """You seem to drop elements of the output; dropout acts between layers, not after the last."""

    caught_by = "test_ends"
    diff = """
    - x = torch.cat(outputs, dim=-1)
    + x = nn.functional.dropout(torch.cat(outputs, dim=-1), self.dropout, self.training)
    """


class DropoutForgotten:
    """You seem to drop nothing in training mode; dropout acts on what each layer but the first
    reads."""

    caught_by = "test_dropout"
    diff = """
    - x = nn.functional.dropout(x, self.dropout, self.training)
    + pass
    """
