"""What a call does beside giving a result, as judge and worker observe it in every call."""

import pytest
import torch

from grader.wire import Stream
from grader.worker import effects
from grader.worker.effects import Results, contents
from grader.worker.invoke import Invocation, invoke


def ask(*numbers: float) -> torch.Tensor:
    """A leaf that requires a gradient."""
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def with_grad(*numbers: float) -> torch.Tensor:
    tensor = ask(*numbers)
    tensor.grad = torch.ones_like(tensor)
    return tensor


def kinds(function, *args, **observed) -> list[tuple[str, int]]:
    """The effects of a call, torch's state put back afterwards."""
    grad, dtype, threads = (
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
    )
    try:
        with torch.random.fork_rng(devices=[]):
            return list(invoke(function, Invocation("f", args, **observed)).effects)
    finally:
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)


def doing(function):
    """`function`, without its result."""

    def run(*args):
        function(*args)

    return run


def quietly(function):
    """`function` where autograd does not look."""
    return torch.no_grad()(function)


class TestArguments:
    """Values, memory, gradients, hooks, and the containers that hold them."""

    @pytest.mark.parametrize(
        ("function", "kind"),
        [
            (lambda x, y: y.data.add_(1), "value"),
            (lambda x, y: y.detach().numpy().fill(7), "value"),
            (lambda x, y: setattr(y, "data", y.data.clone()), "value"),
            (quietly(lambda x, y: y.neg_().neg_()), "restored"),
            (lambda x, y: y.requires_grad_(False), "asking"),
            (lambda x, y: y.register_hook(lambda g: g * 2), "hooked"),
            (lambda x, y: y.register_post_accumulate_grad_hook(lambda p: None), "hooked"),
            (lambda x, y: y.sum().backward(), "gradient"),
            (lambda x, y: setattr(y, "grad", torch.zeros(2).double()), "gradient"),
        ],
    )
    def test_what_became_of_one_is_told_with_its_number(self, function, kind):
        assert kinds(doing(function), ask(1, 2), ask(3, 4)) == [(kind, 1)]

    @pytest.mark.parametrize(
        "function",
        [
            lambda x: setattr(x, "grad", x.grad * 2),
            lambda x: setattr(x, "grad", None),
            lambda x: setattr(x.grad, "data", x.grad * 2),
            lambda x: x.grad.set_(x.grad * 2),
        ],
    )
    def test_a_gradient_in_other_memory_is_seen(self, function):
        assert ("replaced", 0) in kinds(doing(function), with_grad(1, 2))

    def test_a_gradient_that_is_changed_in_place_is_for_the_property_to_hold(self):
        assert kinds(doing(lambda x: x.grad.mul_(2)), with_grad(1)) == []

    @pytest.mark.parametrize("asks", ["x", "y"])
    def test_gradients_are_those_that_were_asked_for(self, asks):
        """One for each argument that asked before the call, whatever it makes of the others."""
        x, y = (ask(1.0, 2.0).requires_grad_(name == asks) for name in "xy")

        def turned(x, y):
            if x.requires_grad:
                y *= x  # now y asks as well
                return y + 0
            result = x * y
            y.requires_grad_(False)
            return result

        call = Invocation("f", (x, y), cotangents=(torch.ones(2, dtype=torch.float64),))
        (gradient,) = invoke(turned, call).gradients
        if asks == "x":
            assert gradient.tolist() == [1.0, 2.0]
        else:
            assert gradient is None

    @pytest.mark.parametrize(
        "function", [list.reverse, list.pop, lambda items: items[1].update(b=1)]
    )
    def test_a_container_that_is_changed_is_seen_in_any_call(self, function):
        assert ("items", -1) in kinds(doing(function), [ask(1), {"a": 2}])

    def test_what_lies_between_the_elements_counts(self):
        whole = torch.zeros(4)
        assert kinds(doing(lambda x: whole[1].fill_(3)), whole[::2]) == [("value", 0)]

    @pytest.mark.parametrize(
        "function",
        [
            lambda x, items: x * 2,
            lambda x, items: x.view(-1),
            lambda x, items: x,
            lambda x, items: x.clone().mul_(2),
            lambda x, items: torch.autograd.grad((x * 2).sum(), x)[0],
            lambda x, items: [*items],
        ],
    )
    def test_what_only_reads_does_nothing(self, function):
        assert kinds(function, ask(1, 2), Stream((ask(1),))) == []

    @pytest.mark.parametrize("shape", [(), (0,), (2, 0)])
    def test_single_numbers_and_empty_tensors_pass(self, shape):
        assert kinds(lambda x: x + 1, torch.zeros(shape, requires_grad=True)) == []

    def test_expanded_tensors_and_nan_pass(self):
        assert kinds(lambda x: x + 1, torch.full((1, 2), float("nan")).expand(3, 2)) == []


class TestBackwardPasses:
    """A gradient that is handed on belongs to others too."""

    def test_a_backward_pass_that_writes_to_what_it_is_given_is_seen(self):
        class Careless(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 1

            @staticmethod
            def backward(ctx, gradient):
                return gradient.mul_(2)

        sent = (torch.ones(2).double(),)
        assert kinds(Careless.apply, ask(1, 2), cotangents=sent) == [("cotangent", -1)]

    def test_a_hook_that_writes_to_what_it_is_given_is_seen(self):
        def register(parameters):
            return [p.register_hook(lambda g: g.clamp_(0, 1)) for p in parameters]

        sent = ((torch.tensor([3.0, -3.0]).double(),),)
        found = kinds(register, [ask(1, 2)], backwards=sent)
        assert found == [("hooked", 0), ("cotangent", -1)]

    def test_what_such_a_hook_did_is_not_taken_for_what_arrives_without(self):
        def register(parameters):
            return [p.register_hook(lambda g: g.clamp_(0, 1)) for p in parameters]

        sent = ((torch.tensor([3.0, -3.0]).double(),),)
        outcome = invoke(register, Invocation("f", ([ask(1, 2)],), backwards=sent))
        assert [row[0].tolist() for row in outcome.backwards] == [[1.0, 0.0], [3.0, -3.0]]

    def test_an_expanded_gradient_may_not_be_written_to(self):
        def register(parameters):
            return [p.register_hook(lambda g: g.clamp_(0, 1)) for p in parameters]

        sent = ((torch.tensor(3.0).double().expand(2),),)
        with pytest.raises(RuntimeError, match="single memory location"):
            invoke(register, Invocation("f", ([ask(1, 2)],), backwards=sent))

    def test_a_hook_that_changes_the_parameter_is_seen(self):
        def register(parameters):
            return [p.register_hook(lambda g, p=p: p.data.zero_() + g) for p in parameters]

        sent = ((torch.ones(2).double(),),)
        assert ("value", 0) in kinds(register, [ask(1, 2)], backwards=sent)


class TestSettings:
    """torch's own state, left otherwise than it was."""

    @pytest.mark.parametrize(
        ("function", "kind"),
        [
            (lambda: torch.set_grad_enabled(False), "mode"),
            (lambda: torch.no_grad().__enter__(), "mode"),
            (lambda: torch.set_default_dtype(torch.float64), "dtype"),
            (lambda: torch.set_num_threads(torch.get_num_threads() + 1), "threads"),
            (lambda: torch.manual_seed(3), "generator"),
            (lambda: torch.rand(1), "generator"),
            (lambda: torch.nn.functional.dropout(torch.ones(9), 0.5), "generator"),
        ],
    )
    def test_what_is_left_changed_is_seen(self, function, kind):
        assert kinds(doing(function)) == [(kind, -1)]

    def test_what_is_put_back_is_not(self):
        def careful():
            threads = torch.get_num_threads()
            torch.set_num_threads(threads + 1)
            torch.set_num_threads(threads)
            with torch.no_grad(), torch.random.fork_rng(devices=[]):
                torch.manual_seed(3)
                torch.rand(1)

        assert kinds(careful) == []

    def test_what_modules_draw_for_their_first_parameters_is_not(self):
        """Who only wants a place for parameters wishes for no random numbers."""
        handle = torch.nn.modules.module.register_module_parameter_registration_hook(
            effects._filled
        )
        try:
            assert kinds(doing(lambda: torch.nn.RNNCellBase(2, 3, bias=True, num_chunks=3))) == []
            seeds = kinds(doing(lambda: (torch.nn.Linear(2, 3), torch.manual_seed(3))))
            assert seeds == [("generator", -1)]
        finally:
            handle.remove()


class ShyList(list):
    """A list that shows nothing of what it holds."""

    def __iter__(self):
        raise ValueError


class ShyTuple(tuple):
    """A tuple that shows nothing of what it holds."""

    def __iter__(self):
        return iter(())


class ShyDict(dict):
    """A dict that shows nothing of what it holds."""

    def values(self):
        raise ValueError


class ShyTensor(torch.Tensor):
    """A tensor that gives copies of itself."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        raise ValueError


class ShyDispatch(torch.Tensor):
    """The same, a floor below."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        raise ValueError


class TestResults:
    """What earlier calls gave stays as it was."""

    def test_memory_that_is_used_again_is_seen_once(self):
        results, memory = Results(), torch.zeros(9)
        results.keep((memory[:4], [torch.ones(2)]))
        assert list(results.changed()) == []
        memory.fill_(2)
        assert list(results.changed()) == [("earlier", -1)]
        assert list(results.changed()) == []

    def test_the_same_result_twice_is_none(self):
        results, table = Results(), torch.ones(3)
        for _ in range(3):
            results.keep(table)
            assert list(results.changed()) == []

    def test_no_more_is_kept_than_there_is_room_for(self):
        results = Results()
        for _ in range(40):
            results.keep(torch.zeros(1 << 17, dtype=torch.float64))
        assert sum(len(before) for _, before, _ in results._kept) <= effects.MOST_BYTES

    @pytest.mark.parametrize("kind", [ShyList, ShyTuple, ShyDict, ShyTensor, ShyDispatch])
    def test_a_class_of_the_students_hides_nothing(self, kind):
        results, memory = Results(), torch.zeros(3)
        if issubclass(kind, torch.Tensor):
            results.keep([torch.Tensor._make_subclass(kind, memory)])
        else:
            results.keep(kind({"a": memory}) if kind is ShyDict else kind([memory]))
        memory.fill_(2)
        assert list(results.changed()) == [("earlier", -1)]

    def test_what_is_no_dense_tensor_is_passed_over(self):
        results = Results()
        results.keep([torch.ones(2).to_sparse(), "text", None])
        assert list(results.changed()) == []


def test_contents_are_the_bytes_that_a_tensor_lies_in():
    """From its first element to its last, whatever the strides."""
    assert contents(torch.tensor([1, 2], dtype=torch.uint8)) == b"\x01\x02"
    assert contents(torch.arange(6, dtype=torch.uint8)[1::2]) == b"\x01\x02\x03\x04\x05"
    assert contents(torch.zeros(0, 3)) == b""
