"""Laws of functions that are handed a model: it may come in any mode, and is left as it was.

    PARTS = ("embedding", "dropout", "rnn")

    def test_parts(student, case, mode, others):
        model = in_modes(model_of(case).of(student), mode, others)
        with left_as_it_was(model, PARTS, case.weights):
            agree(student.perplexity(model, case.batches), case.right)

The model is a handle of the student's; a part of it goes by the name of the attribute that it is.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch

from grader.judge.compare import Mismatch, Named, agree
from grader.judge.handles import Handle, Method
from grader.language import say

ENOUGH = 400  # elements, of which dropout leaves all as they are once in 10^100 times
WHOLE = "model"
HOOKS = ("_backward_hooks", "_post_accumulate_grad_hooks")


def in_modes(model: Handle, training: bool, others: Iterable[str] = ()) -> Handle:
    """The model in training mode or not, with some parts, by name, that are in the other mode."""
    model.train(training)
    for part in others:
        getattr(model, part).train(not training)
    return model


def frozen(model: Handle, parts: Iterable[str]) -> Handle:
    """The model with some parts, by name, whose parameters want no gradient."""
    for part in parts:
        getattr(model, part).requires_grad_(False)
    return model


def hold_no_hooks(parameters: Iterable[tuple[str, Handle]]) -> None:
    """Hold that no hook is left on the parameters, each told by its name."""
    for name, parameter in parameters:
        for hooks in HOOKS:
            try:
                agree(Method(parameter, "__getattribute__")(hooks), None)
            except Mismatch:
                message = say("The call leaves a hook on `{name}`, or takes one away.", name=name)
                raise Mismatch(message) from None


@contextlib.contextmanager
def left_as_it_was(
    model: Handle,
    parts: Sequence[str],
    weights: Mapping[str, torch.Tensor] | None = None,
    *,
    dropout: str = "",
) -> Iterator[None]:
    """Hold that what is called meanwhile leaves a model as it was; Mismatch says what is otherwise.

    It and its `parts` are in the modes that they were in. The one named `dropout`, if any, with a
    rate of at least 0.5, does what its mode says. With `weights`, those that the model has, by
    name: they are the same, have no gradient, and want one where they did.
    """
    modes = _modes(model, parts)
    wanted = {name: _wants(model, name) for name in weights or ()}
    yield
    _hold_modes(modes, _modes(model, parts))
    if dropout:
        ones = torch.ones(ENOUGH)
        if modes[dropout] == torch.equal(getattr(model, dropout)(ones), ones):
            message = say("The model's dropout does not do after the call what its mode says.")
            raise Mismatch(message)
    if weights is not None:
        what = say("the model's `{}` after the call")
        agree(Named(what, model.state_dict()), Named(what, dict(weights)), within=0)
    for name, before in wanted.items():
        _hold_parameter(model, name, before)


def hold_training(model: Handle, parts: Sequence[str], name: str = WHOLE) -> None:
    """Hold that a model, which a message calls `name`, and its `parts` are in training mode."""
    for part, training in _modes(model, parts, name).items():
        if not training:
            message = say(
                "After the call `{name}` is in `eval()`, and not in training mode.",
                name=_called(part, name),
            )
            raise Mismatch(message)


def _modes(model: Handle, parts: Sequence[str], name: str = WHOLE) -> dict[str, bool]:
    return {name: model.training} | {part: getattr(model, part).training for part in parts}


def _called(part: str, whole: str = WHOLE) -> str:
    return whole if part == whole else f"{whole}.{part}"


def _hold_modes(before: Mapping[str, bool], after: Mapping[str, bool]) -> None:
    for part, mode in before.items():
        if after[part] is not mode:
            message = say(
                "`{name}.training` was {mode}, and is {other} after the call.",
                name=_called(part),
                mode=mode,
                other=not mode,
            )
            raise Mismatch(message)


def _wants(model: Handle, name: str) -> bool:
    return model.get_parameter.held(name).requires_grad is True


def _hold_parameter(model: Handle, name: str, wanted: bool) -> None:
    weight = model.get_parameter.held(name)
    if weight.requires_grad is not wanted:
        message = (
            say("The model's `{name}` wants no gradient any more.", name=name)
            if wanted
            else say("The model's `{name}` was frozen, and wants a gradient now.", name=name)
        )
        raise Mismatch(message)
    try:
        agree(weight.grad, None)
    except Mismatch:
        message = say("The call leaves a gradient in `{name}.grad`.", name=name)
        raise Mismatch(message) from None
