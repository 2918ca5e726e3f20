"""One call as judge and worker both make it, and what of it is observed."""

import pytest
import torch

from grader.wire import Stream
from grader.worker.invoke import Invocation, converted, invoke


def ask(*shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """A tensor of different numbers that requires a gradient."""
    numbers = torch.arange(1, torch.Size(shape).numel() + 1, dtype=dtype)
    return numbers.view(shape).requires_grad_()


def call(*args, **observed) -> Invocation:
    return Invocation("f", args, **observed)


class TestPlain:
    """A call without further questions gives the value, and nothing else."""

    def test_arguments_arrive_and_the_value_comes_back(self):
        outcome = invoke(lambda a, *, b: (a, [b]), Invocation("f", (1,), {"b": "two"}))
        assert outcome.value == (1, ["two"])
        assert (outcome.gradients, outcome.changes, outcome.backwards) == (None, None, None)

    def test_the_tensor_itself_is_passed_and_no_copy(self):
        tensor = torch.ones(2)
        assert invoke(lambda x: x, call(tensor)).value is tensor

    def test_what_the_function_raises_passes_through(self):
        with pytest.raises(ZeroDivisionError):
            invoke(lambda x: x / 0, call(1))

    def test_exit_passes_through(self):
        def leave():
            raise SystemExit(0)

        with pytest.raises(SystemExit):
            invoke(leave, call())


class TestGradients:
    """With cotangents, the vector-Jacobian product comes back for each argument that asks."""

    def test_the_product_is_right(self):
        x = ask(2)
        weights = (torch.tensor([10.0, 100.0], dtype=torch.float64),)
        outcome = invoke(lambda x: x**2, call(x, cotangents=weights))
        assert outcome.gradients[0].tolist() == [20.0, 400.0]

    def test_each_output_has_its_own_cotangent(self):
        """Swapped outputs give other gradients."""
        x = ask(2)
        weights = (torch.ones(2).double(), torch.full((2,), 3.0).double())
        one = invoke(lambda x: (x, x * 10), call(x, cotangents=weights)).gradients[0]
        other = invoke(lambda x: (x * 10, x), call(x, cotangents=weights)).gradients[0]
        assert one.tolist() == [31.0, 31.0]
        assert other.tolist() == [13.0, 13.0]

    def test_an_argument_that_is_not_used_has_no_gradient(self):
        outcome = invoke(lambda x, y: x, call(ask(2), ask(3), cotangents=(torch.ones(2).double(),)))
        assert outcome.gradients[0].tolist() == [1.0, 1.0]
        assert outcome.gradients[1] is None

    @pytest.mark.parametrize(
        "function",
        [lambda x: x.detach(), lambda x: x.data * 2, lambda x: torch.tensor(x.tolist()).double()],
        ids=["detach", "data", "a new tensor"],
    )
    def test_a_detached_result_gives_no_gradient_and_no_error(self, function):
        outcome = invoke(function, call(ask(2), cotangents=(torch.ones(2).double(),)))
        assert outcome.gradients == [None]

    def test_of_two_outputs_the_attached_one_counts(self):
        weights = (torch.ones(2).double(), torch.ones(2).double())
        outcome = invoke(lambda x: (x.detach(), x * 2), call(ask(2), cotangents=weights))
        assert outcome.gradients[0].tolist() == [2.0, 2.0]

    def test_integer_arguments_and_results_are_passed_over(self):
        index = torch.tensor([1, 0])
        outcome = invoke(
            lambda x, i: (i, x[i]),
            call(ask(2), index, cotangents=(torch.tensor([5.0, 7.0]).double(),)),
        )
        assert [g.tolist() for g in outcome.gradients] == [[7.0, 5.0]]

    def test_a_cotangent_that_does_not_fit_the_result_is_left_to_the_judge(self):
        """The value comes back all the same, so that the judge can speak of its shape."""
        outcome = invoke(lambda x: x[:1], call(ask(2), cotangents=(torch.ones(2).double(),)))
        assert outcome.value.tolist() == [1.0]
        assert outcome.gradients == [None]

    def test_tensors_inside_containers_have_gradients_in_order(self):
        args = ({"w": ask(1)}, [ask(2), (ask(3),)])
        outcome = invoke(
            lambda p, xs: p["w"] * (xs[0].sum() + 2 * xs[1][0].sum()),
            call(*args, cotangents=(torch.ones(1).double(),)),
        )
        assert [g.tolist() for g in outcome.gradients] == [[15.0], [1.0] * 2, [2.0] * 3]


class TestChanges:
    """With `changes`, every tensor argument comes back as it stands after the call."""

    def test_a_tensor_that_is_left_alone_comes_back_unchanged(self):
        (change,) = invoke(lambda x: x + 1, call(torch.ones(2), changes=True)).changes
        assert change.value.tolist() == [1.0, 1.0]
        assert (change.grad_object, change.grad) == (None, None)

    def test_a_change_in_place_is_seen(self):
        (change,) = invoke(lambda x: x.add_(1), call(torch.ones(2), changes=True)).changes
        assert change.value.tolist() == [2.0, 2.0]

    def test_a_gradient_scaled_in_place_is_still_the_same_object(self):
        x = ask(2)
        x.grad = torch.tensor([2.0, 4.0]).double()
        (change,) = invoke(lambda x: x.grad.mul_(0.5), call(x, changes=True)).changes
        assert change.grad is change.grad_object
        assert change.grad.tolist() == [1.0, 2.0]

    def test_a_replaced_gradient_is_told_from_a_changed_one(self):
        x = ask(2)
        x.grad = torch.tensor([2.0, 4.0]).double()

        def replace(x):
            x.grad = x.grad * 0.5

        (change,) = invoke(replace, call(x, changes=True)).changes
        assert change.grad_object.tolist() == [2.0, 4.0]
        assert change.grad.tolist() == [1.0, 2.0]

    def test_a_gradient_that_was_taken_away_is_seen(self):
        x = ask(1)
        x.grad = torch.ones(1).double()

        def clear(x):
            x.grad = None

        (change,) = invoke(clear, call(x, changes=True)).changes
        assert change.grad_object.tolist() == [1.0]
        assert change.grad is None


class TestBackwards:
    """With `backwards`, the hooks that the call set fire in later backward passes, then go."""

    def rounds(self, *numbers):
        return tuple((torch.tensor([number, number]).double(),) for number in numbers)

    def test_a_hook_sees_each_round_and_none_once_it_is_removed(self):
        outcome = invoke(
            lambda p: [p.register_hook(lambda g: g.clamp(-1, 1))],
            call(ask(2), backwards=self.rounds(5.0, 0.5, 7.0)),
        )
        assert [row[0].tolist() for row in outcome.backwards] == [
            [1.0, 1.0],
            [0.5, 0.5],
            [1.0, 1.0],
            [7.0, 7.0],
        ]

    def test_gradients_do_not_add_up_over_the_rounds(self):
        outcome = invoke(lambda p: [], call(ask(2), backwards=self.rounds(1.0, 2.0)))
        assert [row[0][0].item() for row in outcome.backwards] == [1.0, 2.0, 2.0]

    def test_a_hook_whose_handle_is_kept_back_is_seen_in_the_last_round(self):
        def keeps_one(p):
            p.register_hook(lambda g: g * 0)
            return []

        outcome = invoke(keeps_one, call(ask(2), backwards=self.rounds(3.0)))
        assert outcome.backwards[-1][0].tolist() == [0.0, 0.0]

    def test_each_parameter_has_its_own_row(self):
        weights = ((torch.ones(1).double(), torch.full((2,), 2.0).double()),)
        outcome = invoke(lambda p, q: [], call(ask(1), ask(2), backwards=weights))
        assert [g.tolist() for g in outcome.backwards[0]] == [[1.0], [2.0, 2.0]]

    @pytest.mark.parametrize("handles", [None, 3, [None]])
    def test_what_is_no_list_of_handles_is_the_functions_error(self, handles):
        with pytest.raises((TypeError, AttributeError)):
            invoke(lambda p: handles, call(ask(2), backwards=self.rounds(1.0)))


class TestStreams:
    """A stream arrives as a generator, which can be read once."""

    @pytest.mark.parametrize("wrapped", [False, True], ids=["argument", "inside a list"])
    def test_a_second_reading_finds_nothing(self, wrapped):
        stream = Stream((1, 2))

        def twice(values):
            values = values[0] if wrapped else values
            return sum(values), sum(values)

        assert invoke(twice, call([stream] if wrapped else stream)).value == (3, 0)

    def test_the_same_stream_is_new_in_the_next_call(self):
        asked = call(Stream((1, 2)))
        assert [invoke(lambda s: list(s), asked).value for _ in range(2)] == [[1, 2], [1, 2]]

    def test_it_has_no_length(self):
        with pytest.raises(TypeError):
            invoke(len, call(Stream((1,))))

    def test_tensors_in_it_are_observed_like_any_argument(self):
        x = ask(2)
        outcome = invoke(
            lambda s: sum(t.sum() for t in s),
            call(Stream((x,)), cotangents=(torch.ones(()).double(),), changes=True),
        )
        assert outcome.gradients[0].tolist() == [1.0, 1.0]
        assert outcome.changes[0].value is x


class TestConverted:
    """A call with other tensors in the place of its own."""

    def test_gradients_and_what_asks_for_them_go_along(self):
        x = ask(2)
        x.grad = torch.ones(2).double()
        (got,) = converted(call(x), lambda t: t.float()).args
        assert got.requires_grad
        assert got.is_leaf
        assert (got.dtype, got.grad.dtype) == (torch.float32, torch.float32)

    def test_a_change_of_the_copy_leaves_the_original(self):
        x = torch.ones(2)
        invoke(lambda x: x.add_(1), converted(call(x), torch.clone))
        assert x.tolist() == [1.0, 1.0]

    def test_one_tensor_in_two_places_stays_one(self):
        x = torch.ones(2)
        first, second = converted(call(x, x), torch.clone).args
        assert first is second
        assert first is not x


class TestDisturbed:
    """What is observed beside tensors: containers among the arguments, the global generator."""

    @pytest.mark.parametrize(
        "function",
        [
            lambda items, names: items.pop(),
            lambda items, names: items.reverse(),
            lambda items, names: items.append(1),
            lambda items, names: names.update(a=torch.ones(1)),
            lambda items, names: names.clear(),
        ],
    )
    def test_a_changed_container_is_seen(self, function):
        arguments = [ask(1), ask(2)], {"a": ask(3), "b": ask(1)}
        assert invoke(function, call(*arguments, changes=True)).disturbed

    def test_containers_that_are_only_read_are_not(self):
        arguments = [ask(1), ask(2)], {"a": ask(3)}, Stream((ask(1),))
        whole = invoke(lambda a, b, c: [*a, *b.values(), *c], call(*arguments, changes=True))
        assert not whole.disturbed

    @pytest.mark.parametrize("function", [lambda: torch.rand(1), lambda: torch.manual_seed(3)])
    def test_a_moved_generator_is_seen(self, function):
        with torch.random.fork_rng(devices=[]):
            for _ in range(3):
                assert invoke(lambda: function() and None, call(generator=True)).disturbed

    def test_a_generator_that_is_put_back_is_not_moved(self):
        def careful():
            with torch.random.fork_rng(devices=[]):
                return torch.manual_seed(3) and torch.rand(1)

        assert not invoke(careful, call(generator=True)).disturbed


class TestHandles:
    """Handles that are no handles are said to be so; hooks must be there without anybody's help."""

    def test_nothing_for_handles_is_named(self):
        with pytest.raises(TypeError, match=r"a list of the hooks' handles .* not NoneType"):
            invoke(lambda p: None, call([ask(2)], backwards=((torch.ones(2).double(),),)))

    def test_a_generator_that_nobody_has_read_registers_nothing(self):
        def lazy(parameters):
            return (p.register_hook(lambda g: g * 0) for p in parameters)

        sent = torch.ones(2).double()
        outcome = invoke(lazy, call([ask(2)], backwards=((sent,),)))
        assert torch.equal(outcome.backwards[0][0], sent)
