"""A story of calls as Python that a person reads, runs and steps through.

Inputs are rebuilt exactly: as literals where they are small, else from a file beside the script.
"""

import io
import keyword
import math
import pprint
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from grader.judge import handles
from grader.judge.debugging.story import Check, Failure, Functions, Right, story
from grader.judge.explain import stories
from grader.judge.reference import Reference, signature_of, tensors_in
from grader.judge.script import PREFIX, Script
from grader.judge.story import Story, Told
from grader.judge.student import Hung, Student
from grader.language import say
from grader.report import clean
from grader.wire import Held, Stream, leaves
from grader.worker import objects
from grader.worker.invoke import Invocation

MOST_ELEMENTS = 200  # of a tensor that is written out
MOST_OF_ALL = 1_000  # of those of a script together
MOST_LINES, MOST_OF_A_LINE = 6, 300  # of a message
WIDTH = 96
# What no variable may be called: what the script itself uses.
TAKEN = {"torch", "math", "sys", "Path", "stored", "result", "expected", "grads", "objects"}


@dataclass(frozen=True)
class Way:
    """How to write a script: what it belongs to, and what its reader is told."""

    number: int
    title: str
    stem: str  # of the student's file
    is_notebook: bool
    device: str
    given: Path  # what the exercise gives, where it gives something


def script(
    failure: Failure,
    student: Student,
    reference: Reference,
    way: Way,
    others: Sequence[Functions] = (),
) -> Script:
    """The script with the call that `failure` is about; `failure.has_call`.

    `others` are right answers that may choose otherwise than the reference.
    """
    failure.with_the_reference()
    builder = _Builder(way)
    calls, check = story(failure, student, reference, others)
    body = builder.body(calls, check, student)
    text = _rendered(failure, way, builder, body)
    tensors = b""
    if builder.stored:
        buffer = io.BytesIO()
        torch.save(builder.stored, buffer)
        tensors = buffer.getvalue()
    hangs = isinstance(failure.problem, Hung)
    name = PREFIX + way.stem
    return Script(name, failure.name, failure.title, failure.message, text, tensors, hangs)


@dataclass
class _Builder:
    """Writes the body of a script; `uses` names what it needs of the template, `stored` the tensors
    that are too large to be written out."""

    way: Way
    uses: set[str] = field(default_factory=set)
    stored: dict[str, torch.Tensor] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    _written: int = 0

    def body(self, calls: Sequence[Invocation], check: Check, student: Student) -> str:
        lines: list[str] = []
        several = len(calls) > 1
        if isinstance(calls[-1], Told):
            self._told([each for each in calls if isinstance(each, Told)], check, student, lines)
            calls = ()
        for number, call in enumerate(calls):
            is_last = number == len(calls) - 1
            suffix = f"_{number + 1}" if several else ""
            names = self._arguments(call, student, lines)
            if is_last:
                called = self._called(call, names)
                self._last(call, called, names, check, f"result{suffix}", lines)
            else:
                lines.append(f"result{suffix} = {self._called(call, names)}")
                lines.append("")
        return "\n".join(f"    {line}" if line else "" for line in "\n".join(lines).split("\n"))

    # --- a call ---

    def _arguments(self, call: Invocation, student: Student, lines: list[str]) -> "_Arguments":
        """Write the arguments as variables."""
        function = student.reference.functions[call.function]
        bound = signature_of(function).bind_partial(*call.args, **call.kwargs)
        if call.function not in self.functions:
            self.functions.append(call.function)
        variables: dict[str, str] = {}
        places: list[tuple[str, torch.Tensor]] = []
        shared = self._shared(call, lines)
        for name, value in bound.arguments.items():
            variable = f"{name}_" if name in TAKEN or name in self.functions else name
            variables[name] = variable
            given = list(value.items) if isinstance(value, Stream) else value
            lines.append(f"{variable} = {self._value(given, variable, shared)}")
            places += tensors_in(variable, value)
        seen = set()
        for place, tensor in places:
            if tensor.is_leaf and tensor.grad is not None and id(tensor) not in seen:
                grad = self._tensor(tensor.grad, f"{place}.grad")
                lines.append(f"{place}.grad = {grad}")
            seen.add(id(tensor))
        lines.append("")
        return _Arguments(variables, places, dict(bound.arguments))

    def _shared(self, call: Invocation, lines: list[str]) -> dict[int, str]:
        """Variables for the tensors that stand in several places."""
        count: dict[int, int] = {}
        for tensor in call.tensors:
            count[id(tensor)] = count.get(id(tensor), 0) + 1
        shared: dict[int, str] = {}
        for tensor in call.tensors:
            if count[id(tensor)] > 1 and id(tensor) not in shared:
                name = f"shared_{len(shared) + 1}"
                lines.append(f"{name} = {self._tensor(tensor, name)}")
                shared[id(tensor)] = name
        return shared

    def _called(self, call: Invocation, given: "_Arguments") -> str:
        parts = []
        parameters = iter(given.arguments.items())
        for value in call.args:
            name, _ = next(parameters)
            variable = given.variables[name]
            parts.append(f"iter({variable})" if isinstance(value, Stream) else variable)
        for name, value in call.kwargs.items():
            variable = given.variables[name]
            text = f"iter({variable})" if isinstance(value, Stream) else variable
            parts.append(f"{name}={text}")
        return f"{call.function}({', '.join(parts)})"

    def _last(
        self,
        call: Invocation,
        called: str,
        given: "_Arguments",
        check: Check,
        result: str,
        lines: list[str],
    ) -> None:
        """Write the call that fails, and what it is held against."""
        the_result = say("the result")
        if check.raises is not None:
            right = say("Right: it raises {error}.", error=check.raises)
            wrong = say("Wrong: it should raise {error}, and returns this:", error=check.raises)
            lines += [
                "try:",
                f"    {result} = {called}",
                f"except {check.raises}:",
                f"    print({right!r})",
                "    return True",
                f"print({wrong!r})",
                f"print({result})",
                "return False",
            ]
            return
        if check.undisturbed:
            lines += [
                "torch.rand(1)",
                "expected = torch.get_rng_state()",
                f"{result} = {called}",
                "is_right = torch.equal(torch.get_rng_state(), expected)",
                "if not is_right:",
                f"    print({say('torch.get_rng_state() is another after the call.')!r})",
            ]
            self._end(lines)
            return
        tensors = [place for place, _ in given.places]
        if check.changes is not None:
            self.uses.add("changes")
            variables = ", ".join(given.variables.values())
            lines.append(f"grads = [tensor.grad for tensor in [{', '.join(tensors)}]]")
            lines.append(f"objects = _objects([{variables}])")
        lines.append(f"{result} = {called}")
        lines.append("")
        checks = []
        if check.has_value:
            lines.append(f"expected = {self._right(check.value, 'expected')}")
            names = tuple(check.names) if isinstance(check.value, tuple) else ()
            checks.append(f"_agrees({the_result!r}, {result}, expected, {names!r})")
        if check.gradients is not None:
            self.uses.add("gradients")
            cotangents = () if callable(call.cotangents) else call.cotangents or ()
            weights = [self._tensor(w, f"weights[{i}]") for i, w in enumerate(cotangents)]
            places = [place for place, tensor in given.places if tensor.requires_grad]
            lines.append("")
            lines.append(f"# {say('Of each element of the result: how much it counts.')}")
            lines.append(f"weights = {_listed(weights)}")
            lines.append(f"gradients = _gradients({result}, weights, [{', '.join(places)}])")
            for number, (place, right) in enumerate(zip(places, check.gradients, strict=True)):
                name = say("the gradient of `{}`").format(given.labels.get(place, place))
                truth = self._right(right, f"gradient_of_{place}")
                checks.append(f"_gradient_agrees({name!r}, gradients[{number}], {truth})")
        if check.changes is not None:
            for number, (place, (value, grad)) in enumerate(
                zip(tensors, check.changes, strict=True)
            ):
                name, of_grad = (
                    say("`{name}` after the call", name=each) for each in (place, f"{place}.grad")
                )
                checks.append(f"_agrees({name!r}, {place}, {self._right(value, f'{place}_after')})")
                if isinstance(grad, Right) and grad.truth is None:
                    checks.append(f"_agrees({of_grad!r}, {place}.grad, None)")
                else:
                    truth = self._right(grad, f"{place}_grad_after")
                    checks.append(f"_grad_agrees({of_grad!r}, {place}, grads[{number}], {truth})")
            lists = say("a list or a dict among the arguments"), say("changed"), say("as it was")
            variables = ", ".join(given.variables.values())
            checks.append(
                f"_objects([{variables}]) == objects or _differs({', '.join(map(repr, lists))})"
            )
        if check.backwards is not None:
            self.uses.add("passes")
            rounds = [
                _listed([self._tensor(w, f"round_{n}_{i}") for i, w in enumerate(each)])
                for n, each in enumerate(call.backwards or ())
            ]
            lines.append(f"# {say('What each backward pass sends to the parameters.')}")
            lines.append(f"rounds = {_listed(rounds)}")
            lines.append(f"arrived = _passes({result}, [{', '.join(tensors)}], rounds)")
            arrived = say("what arrives")
            truth = self._right(check.backwards, "arriving")
            checks.append(f"_agrees({arrived!r}, arrived, {truth})")
        if check.same_as is not None:
            first = f"result_{check.same_as + 1}"
            lines.append(f"# {say('The two should be the same.')}")
            self.uses.add("alike")
            checks.append(
                f"_agrees({the_result!r}, {result}, _as_right({first}, {check.within!r}))"
            )
        if not checks:
            nothing = say(
                "This one call does not tell right from wrong: grade exercise {number} does.",
                number=self.way.number,
            )
            lines += [f"print({result})", f"print({nothing!r})", "return None"]
            return
        lines.append("")
        lines += [
            "is_right = all(",
            "    [",
            *(f"        {each}," for each in checks),
            "    ]",
            ")",
        ]
        self._end(lines)

    def _end(self, lines: list[str]) -> None:
        right = say(
            "Right: this call gives what it should. Grade again: grade exercise {number}",
            number=self.way.number,
        )
        wrong = say("Wrong: this call does not give what it should.")
        lines += [f"print({right!r} if is_right else {wrong!r})", "return is_right"]

    # --- steps with objects ---

    def _told(
        self, steps: Sequence[Told], check: Check, student: Student, lines: list[str]
    ) -> None:
        """Write a story: what led to its last step, and that one with what it is held against; of
        the others in `steps` the results are kept."""
        last = steps[-1]
        results = {step.place: f"result_{n}" for n, step in enumerate(steps[:-1], 1)}
        for each in (*steps[:-1], *last.whole):
            made = each.function and each.kind in (objects.CONSTRUCT, objects.CALL)
            if made and each.function not in self.functions:
                self.functions.append(each.function)
        for each in last.whole[:-1]:
            if each.place in results or stories.matters(each, last):
                text = self._step(each, self._parts(each, f"step_{each.place}"))
                if each.place in results:
                    text = f"{results[each.place]} = {text}"
                elif each.place in last.story.types:
                    text = f"{last.story.named(each.place)} = {text}"
                lines.append(text)
        lines.append("")
        parts, places = self._variables(last, student, lines)
        labels: dict[str, str] = {}
        if check.gradients is not None and check.parameters is not None:
            gradient = torch.zeros(1, requires_grad=True)
            labels = {
                self._parameter(last, n): handles.parameter(last, n) for n in check.parameters
            }
            places += [(place, gradient) for place in labels]
            check = replace(check, gradients=[*check.gradients, *check.parameters.values()])
        given = _Arguments({}, places, {}, labels)
        result = f"result_{len(steps)}" if results else "result"
        self._last(last, self._step(last, parts), given, check, result, lines)

    def _parts(self, step: Told, name: str) -> list[str]:
        """The arguments of a step, as expressions."""
        named: list[tuple[str, Any]] = [("", each) for each in step.args]
        named += [(f"{key}=", each) for key, each in step.kwargs.items()]
        return [
            start + self._value(_written(each, step.story), f"{name}_{number}", {})
            for number, (start, each) in enumerate(named)
        ]

    def _variables(
        self, step: Told, student: Student, lines: list[str]
    ) -> tuple[list[str], list[tuple[str, torch.Tensor]]]:
        """Write the tensor arguments of a step as variables; its arguments, and each tensor with
        the expression that gives it."""
        signature = handles.signature(step, student.reference.functions)
        names = list(signature.parameters) if signature else []
        taken = TAKEN | {step.story.named(number) for number in step.story.types}
        taken |= set(self.functions)
        parts: list[str] = []
        places: list[tuple[str, torch.Tensor]] = []
        arguments: list[tuple[str | None, Any]] = [(None, each) for each in step.args]
        arguments += list(step.kwargs.items())
        for number, (key, value) in enumerate(arguments):
            name = key or (names[number] if number < len(names) else f"argument_{number + 1}")
            name = f"{name}_" if name in taken else name
            text = self._value(_written(value, step.story), name, {})
            if next(leaves(value), None) is not None:
                lines.append(f"{name} = {text}")
                places += tensors_in(name, value)
                text = name
            parts.append(f"{key}={text}" if key else text)
        return parts, places

    def _step(self, step: Told, parts: Sequence[str]) -> str:
        """A step as an expression."""
        target = step.story.named(step.on) if step.on >= 0 else ""
        called = _listed(parts, "()")
        if step.kind == objects.ATTRIBUTE:
            return f"{target}.{step.name}"
        if step.kind in (objects.ITEMS, objects.READ):
            return f"[item for _, item in zip(range({step.items}), {target})]"
        if step.kind in (objects.GIVEN, objects.NAMED):
            path = step.name
            if path.partition(".")[0] == "copy":
                path = f"__import__('copy').{path.partition('.')[2]}"
            elif path.partition(".")[0] != "torch":
                self.uses.add("given")
                path = f"given[{path!r}]"
            return path if step.kind == objects.NAMED else path + called
        if step.kind in (objects.CONSTRUCT, objects.CALL):
            return step.function + called
        return target + ("" if step.name == "__call__" else f".{step.name}") + called

    @staticmethod
    def _parameter(step: Told, name: str) -> str:
        """The expression for what the worker knows as `3.weight`."""
        number, _, rest = name.partition(".")
        holder, kind = step.story.named(int(number)), step.story.types[int(number)]
        if issubclass(kind, torch.nn.Module):
            return f"dict({holder}.named_parameters()).get({rest!r})"
        return f"{holder}[{rest if issubclass(kind, list | tuple) else repr(rest)}]"

    # --- values ---

    def _value(self, value: Any, name: str, shared: dict[int, str]) -> str:
        """An expression that gives the value."""
        if isinstance(value, torch.Tensor):
            return shared.get(id(value)) or self._tensor(value, name)
        if isinstance(value, Stream):
            return f"iter({self._value(list(value.items), name, shared)})"
        if isinstance(value, list | tuple | dict) and next(leaves(value), None) is not None:
            if isinstance(value, dict):
                items = [
                    f"{_plain(key)}: {self._value(item, f'{name}_{key}', shared)}"
                    for key, item in value.items()
                ]
                return _listed(items, "{}")
            items = [self._value(item, f"{name}_{i}", shared) for i, item in enumerate(value)]
            if isinstance(value, list):
                return _listed(items)
            return _listed(items, "()") if len(items) != 1 else f"({items[0]},)"
        return _plain(value)

    def _tensor(self, tensor: torch.Tensor, name: str) -> str:
        """An expression that gives the tensor, with its dtype, its place in memory, and whether it
        requires a gradient."""
        plain = tensor.detach()
        text = self._values(plain, name)
        before = plain.storage_offset()
        strides = tuple(plain.stride())
        usual = torch.empty(plain.shape, dtype=plain.dtype).stride() == strides
        if plain.numel() and (before or not (plain.is_contiguous() or usual)):
            self.uses.add("laid_out")
            text = f"_laid_out({text}, {strides}" + (f", {before})" if before else ")")
        if self.way.device != "cpu":
            text += f".to({self.way.device!r})"
        return text + (".requires_grad_()" if tensor.requires_grad else "")

    def _values(self, plain: torch.Tensor, name: str) -> str:
        plain = plain.resolve_conj().resolve_neg()
        dtype = f"dtype={plain.dtype}"
        if not plain.numel():
            return f"torch.empty({tuple(plain.shape)}, {dtype})"
        if plain.numel() > 4 and (equal := _filler(plain)) is not None:
            return f"torch.full({tuple(plain.shape)}, {equal}, {dtype})"
        too_many = plain.numel() > MOST_ELEMENTS or self._written + plain.numel() > MOST_OF_ALL
        if too_many or (plain.is_complex() and not plain.isfinite().all()):
            key, number = name, 2
            while key in self.stored:
                key, number = f"{name}_{number}", number + 1
            self.stored[key] = plain.contiguous().clone()
            return f"stored[{key!r}]"
        self._written += plain.numel()
        return f"torch.tensor({_nested(plain)}, {dtype})"

    def _right(self, value: Any, name: str) -> str:
        """An expression for what is right."""
        if isinstance(value, dict):
            items = [f"{_plain(k)}: {self._right(v, f'{name}_{k}')}" for k, v in value.items()]
            return _listed(items, "{}")
        if isinstance(value, list | tuple):
            items = [self._right(each, f"{name}_{i}") for i, each in enumerate(value)]
            if isinstance(value, list):
                return _listed(items)
            return _listed(items, "()") if len(items) != 1 else f"({items[0]},)"
        assert isinstance(value, Right)
        if isinstance(value.truth, torch.Tensor):
            truth = value.truth.detach()
            within = value.within if truth.is_floating_point() or value.within is None else 0.0
            if within is None:  # the form alone counts, and the values are nobody's business
                text = f"torch.zeros({tuple(truth.shape)}, dtype={value.form.dtype})"
                return f"_Right({text}, None)"
            text = f"_Right({self._values(truth, name)}, within={_bound(within)}"
            different = value.form.dtype != truth.dtype
            return text + (f", dtype={value.form.dtype})" if different else ")")
        if isinstance(value.truth, float):
            if value.within is None:
                return "_Right(0.0, None)"
            return f"_Right({_plain(value.truth)}, within={_bound(value.within)})"
        return _plain(value.truth)


@dataclass(frozen=True)
class _Arguments:
    """The arguments of a call: variables by the parameter's name, and each tensor with the
    expression that gives it."""

    variables: dict[str, str]
    places: list[tuple[str, torch.Tensor]]
    arguments: dict[str, Any]
    labels: dict[str, str] = field(default_factory=dict)  # what a place is called, where otherwise


@dataclass(frozen=True)
class _Variable:
    """An object of a story, by its name in the script."""

    name: str

    def __repr__(self) -> str:
        return self.name


def _written(value: Any, story: Story) -> Any:
    """An argument of a step with names in the place of the numbers of objects."""
    if isinstance(value, Held):
        return _Variable(story.named(value.number))
    if isinstance(value, list | tuple):
        return type(value)(_written(item, story) for item in value)
    if isinstance(value, dict):
        return {key: _written(item, story) for key, item in value.items()}
    return value


def _listed(items: Sequence[str], brackets: str = "[]") -> str:
    """Expressions as a list, a tuple or a dict."""
    left, right = brackets[0], brackets[1]
    line = f"{left}{', '.join(items)}{right}"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    inner = "".join("    " + item.replace("\n", "\n    ") + ",\n" for item in items)
    return f"{left}\n{inner}{right}"


def _plain(value: Any) -> str:
    """An expression for a value without tensors."""
    if isinstance(value, float) and not math.isfinite(value):
        return "math.nan" if value != value else ("math.inf" if value > 0 else "-math.inf")
    if isinstance(value, list | tuple | dict) and _is_finite(value):
        return pprint.pformat(value, width=WIDTH, compact=True, sort_dicts=False)
    if isinstance(value, dict):
        return _listed([f"{_plain(key)}: {_plain(item)}" for key, item in value.items()], "{}")
    if isinstance(value, list):
        return _listed([_plain(item) for item in value])
    if isinstance(value, tuple):
        items = [_plain(item) for item in value]
        return _listed(items, "()") if len(items) != 1 else f"({items[0]},)"
    return repr(value)


def _bound(within: float) -> str:
    """A bound in few digits, rounded up."""
    return f"{within * 1.05:.1e}" if 0 < within < math.inf else _plain(within)


def _is_finite(value: Any) -> bool:
    """Whether each number in it is."""
    if isinstance(value, dict):
        return all(_is_finite(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _filler(tensor: torch.Tensor) -> str | None:
    """The number that every element is; None where they differ."""
    flat = tensor.reshape(-1)
    first = flat[0]
    if tensor.is_complex() or bool((flat != first).any()):
        return None
    if tensor.is_floating_point() and bool((flat.signbit() != first.signbit()).any()):
        return None
    return _number(first.item(), tensor.dtype)


def _nested(tensor: torch.Tensor) -> str:
    """The elements as nested lists."""
    if tensor.dim() == 0:
        return _number(tensor.item(), tensor.dtype)
    items = [_nested(row) for row in tensor]
    line = f"[{', '.join(items)}]"
    if len(line) <= WIDTH - 24:
        return line
    if tensor.dim() == 1:
        rows, row = [], ""
        for item in items:
            if len(row) + len(item) > WIDTH - 24:
                rows.append(row)
                row = ""
            row += f"{item}, "
        return "[" + "\n".join([*rows, row]) + "]"
    return "[" + ",\n".join(items) + "]"


def _number(value: Any, dtype: torch.dtype) -> str:
    """The shortest number that is exactly this one in that dtype."""
    if not isinstance(value, float) or not math.isfinite(value) or dtype == torch.float64:
        return _plain(value)
    for digits in range(1, 18):
        text = repr(float(f"{value:.{digits}g}"))
        if torch.tensor(float(text), dtype=dtype).item() == value:
            return text
    return repr(value)


def _rendered(failure: Failure, way: Way, builder: _Builder, body: str) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - Python, not HTML
        loader=PackageLoader("grader", "templates/debug"),
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
    stored = ""
    if builder.stored:
        place = f"{PREFIX}{way.stem}.pt"
        stored = repr(place) if way.is_notebook else f"Path(__file__).with_name({place!r})"
    heading = say("Exercise {number}. {title}", number=way.number, title=way.title)
    about = [
        say("This should hold, and does not: {title}", title=_inside(failure.title)),
        say("The grading said: {message}", message=_inside(failure.message)),
        "",
    ]
    about.append(
        say("Set a breakpoint in your code, or write breakpoint() there, and run this.")
        if not way.is_notebook
        else say("Run this cell. breakpoint() in your code, or %debug after an error, stops there.")
    )
    return environment.get_template("script.py.j2").render(
        file=not way.is_notebook,
        heading=_inside(heading),
        about="\n".join(about),
        load=_load(way.stem, builder.functions),
        stored=stored,
        body=body,
        uses=builder.uses,
        given=_given(way) if "given" in builder.uses else "",
        t=_texts(),
    )


def _given(way: Way) -> str:
    """Where the script finds what the exercise gives: beside the answer, else in the course."""
    beside = f"{way.given.parent.name}/{way.given.name}"
    own = f"Path({beside!r})" if way.is_notebook else f"Path(__file__).parent / {beside!r}"
    return f"str(next(filter(Path.exists, ({own}, Path({str(way.given.resolve())!r})))))"


def _inside(text: str) -> str:
    """A text as it may stand in a docstring or a comment, a few lines of it."""
    lines = clean(text).replace("\\", "\\\\").replace('"""', "'''").split("\n")
    return "\n".join(line[:MOST_OF_A_LINE] for line in lines[:MOST_LINES]).rstrip('"')


def _load(stem: str, functions: Sequence[str]) -> str:
    """How the script gets at the student's functions."""
    if stem.isidentifier() and not keyword.iskeyword(stem) and stem not in sys.stdlib_module_names:
        return f"from {stem} import {', '.join(functions)}"
    lines = [
        "import importlib.util",
        f"_path = Path(__file__).with_name({f'{stem}.py'!r})",
        "_spec = importlib.util.spec_from_file_location('answer', _path)",
        "_answer = importlib.util.module_from_spec(_spec)",
        "sys.modules['answer'] = _answer",
        "_spec.loader.exec_module(_answer)",
        *(f"{name} = _answer.{name}" for name in functions),
    ]
    return "\n".join(lines)


def _texts() -> dict[str, str]:
    """What the script says, as Python's own literals."""
    said = {
        "a_tensor": say("a tensor"),
        "shape": say("of shape {}"),
        "dtype": say("of dtype {}"),
        "name": say("{} is wrong."),
        "yours": say("yours:"),
        "expected": say("expected:"),
        "elements": say(
            "{count} of {all} elements are wrong, most of all at {place}: {mine} where {right} is"
            " right."
        ),
        "differs": say("{name} is {yours}; it should be {right}."),
        "replaced": say("another tensor"),
        "in_place": say("the one that was there, changed in place"),
    }
    literals = {name: repr(text) for name, text in said.items()}
    return {**literals, "below": say("What follows compares. Nothing of yours is in it.")}
