"""What the pretended accelerator is, run by `test_devices.py` in a process of its own: it stays a
device of torch's as long as that lives."""

import time

import pytest
import torch

from grader.worker import devices
from grader.worker.devices import simulator
from grader.worker.devices.simulated import Simulated

DEVICE = devices.named("simulated")
DEVICE.begin()
SIMULATOR = DEVICE._runtime.synchronize.__self__
PAGE = DEVICE.page


def numbers(*shape):
    return torch.arange(1.0, 1 + torch.Size(shape).numel()).reshape(shape) / 7


def parts(value):
    return list(simulator._tensors(value))


def gradients(module, x):
    module(x)[0].sum().backward()
    return [each.grad for each in module.parameters()]


def made(kind, device):
    torch.manual_seed(0)
    return kind(3, 4).to(device)


def written(x):
    x[1] = 5
    x[x > 4] = 7
    return x


PROGRAMS = {
    "arithmetic": lambda x: (x + 1, x @ x.T, x.softmax(-1), torch.einsum("ij,kj->ik", x, x)),
    "views": lambda x: (
        x.t(),
        x[0],
        x[1:, ::2],
        x.view(3, 4),
        x.expand(2, 4, 3),
        x.unfold(0, 2, 1),
    ),
    "in place": lambda x: written(x.clone()),
    "out": lambda x: (torch.add(x, x, out=x.new_empty(0)), torch.arange(4, device=x.device)),
    "made there": lambda x: (
        torch.zeros(3, device=x.device),
        torch.eye(3, device=x.device),
        torch.tensor([1.0, 2.0], device=x.device),
        torch.empty_strided((2, 3), (1, 2), device=x.device).zero_(),
        torch.empty(0, device=x.device),
    ),
    "by value": lambda x: (x[x > 0.5], x.nonzero(), torch.tensor(x.sum().item()).to(x.device)),
    "indices of the processor's": lambda x: x[torch.tensor([1, 0])],
    "from one place to another": lambda x: x.clone().copy_(x * 2),
    "other types": lambda x: (x.double(), x.to(torch.float16).float(), (x > 1).sum(0)),
    "several results": lambda x: (*x.topk(2), *x.sort(descending=True), *x.chunk(2)),
    "convolution": lambda x: torch.nn.functional.conv2d(x[None, None], x[None, None, :2, :2]),
    "steps": lambda x: (
        torch.gru_cell(x, x[:, :1], x.new_ones(3, 3), x.new_ones(3, 1)),
        *torch.lstm_cell(x, (x[:, :1], x[:, :1]), x.new_ones(4, 3), x.new_ones(4, 1)),
    ),
    "LSTM": lambda x: gradients(made(torch.nn.LSTM, x.device), x[None]),
    "GRU": lambda x: gradients(made(torch.nn.GRU, x.device), x[None]),
    "LSTM's cell": lambda x: torch.autograd.grad(
        made(torch.nn.LSTMCell, x.device)(x.requires_grad_())[1].sum(), x
    ),
    "cell without biases": lambda x: torch.autograd.grad(
        torch.gru_cell(x.requires_grad_(), x[:, :1], x.new_ones(3, 3) / 9, x.new_ones(3, 1)).sum(),
        x,
    ),
    "LSTM without biases": lambda x: torch.autograd.grad(
        torch.lstm_cell(
            x.requires_grad_(), (x[:, :1], x[:, :1]), x.new_ones(4, 3) / 9, x.new_ones(4, 1)
        )[0].sum(),
        x,
    ),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_it_computes_what_the_processor_computes(program):
    """Values, types and shapes; and what it gives is on it."""
    right, found = parts(program(numbers(4, 3))), parts(program(numbers(4, 3).to("simulated")))
    assert right
    for one, other in zip(right, found, strict=True):
        assert other.device.type == "simulated"
        assert other.dtype == one.dtype
        assert torch.allclose(one.double(), other.cpu().double(), atol=1e-6)


def test_gradients_of_a_convolution():
    """By the processor's own backward."""
    grads = {}
    for device in ("cpu", "simulated"):
        x = numbers(1, 2, 5, 5).to(device).requires_grad_()
        w = numbers(3, 2, 3, 3).to(device).requires_grad_()
        y = torch.nn.functional.conv2d(x, w, numbers(3).to(device), 1, 1)
        grads[device] = torch.autograd.grad(y.sum(), (x, w))
    for one, other in zip(*grads.values(), strict=True):
        assert torch.allclose(one, other.cpu())


# Autograd calls these from threads of its own, which the coverage of Python 3.11 does not see.
@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("asked", ["all", "hidden", "cell"])
def test_backward_of_the_steps_in_one_piece(biases, asked):
    """Each is the gradient of its forward."""
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()

    given, hidden, state = drawn(2, 12), drawn(2, 12), drawn(2, 3)
    both = (drawn(12), drawn(12)) if biases else ()
    out, cell, kept = simulator._lstm_cell(SIMULATOR, given, hidden, state, *both)
    grads = [
        torch.randn_like(out) if asked in (name, "all") else None for name in ("hidden", "cell")
    ]
    value = sum((y * g).sum() for y, g in zip((out, cell), grads, strict=True) if g is not None)
    right = torch.autograd.grad(value, (given, state, *both[:1]))
    found = simulator._lstm_cell_backward(SIMULATOR, *grads, state, cell, kept, biases)
    assert (found[2] is None) == (not biases)
    for one, other in zip(right, found, strict=False):
        assert torch.allclose(one, other)

    given, hidden = drawn(2, 9), drawn(2, 9)
    both = (drawn(9), drawn(9)) if biases else ()
    out, kept = simulator._gru_cell(SIMULATOR, given, hidden, state, *both)
    grad = torch.randn_like(out)
    right = torch.autograd.grad(out, (given, hidden, state, *both), grad)
    found = simulator._gru_cell_backward(SIMULATOR, grad, kept, biases)
    assert (found[3] is None) == (not biases)
    for one, other in zip(right, found, strict=False):
        assert torch.allclose(one, other)


def test_backward_of_a_convolution_in_one_piece():
    """As autograd asks for it."""
    x, w = numbers(1, 2, 5, 5), numbers(3, 2, 3, 3)
    grad = numbers(1, 3, 3, 3)
    rest = ([1, 1], [0, 0], [1, 1], False, [0, 0], 1)
    right = torch.ops.aten.convolution_backward(grad, x, w, [3], *rest, [True] * 3)
    there = [each.to("simulated") for each in (grad, x, w)]
    found = torch.ops.aten.convolution_backward_overrideable(*there, *rest, [True] * 3)
    for one, other in zip(right, found, strict=True):
        assert torch.allclose(one, other.cpu())


def test_operations_come_later():
    """A call gives a shape; the values follow when they are asked for."""
    DEVICE.synchronize()
    before = PAGE.operations
    x = torch.ones(3, device="simulated")
    y = x * 5
    assert y.shape == (3,)
    assert PAGE.operations == before
    assert y.cpu().tolist() == [5.0, 5.0, 5.0]
    assert PAGE.operations > before


def test_a_full_queue_is_worked_off(monkeypatch):
    """As many operations wait as a device has launches."""
    monkeypatch.setattr(simulator, "QUEUE", 3)
    DEVICE.synchronize()
    before = PAGE.operations
    x = torch.ones(3, device="simulated")
    for _ in range(9):
        x = x + 1
    assert PAGE.operations > before
    assert x.cpu().tolist() == [10.0] * 3


def test_errors_come_late():
    """What goes wrong in an operation is raised where its values are asked for, and then always."""
    table = torch.zeros(3, 2, device="simulated")
    row = torch.nn.functional.embedding(torch.tensor([9], device="simulated"), table)
    assert row.shape == (1, 2)
    with pytest.raises(RuntimeError, match="before this one failed: index out of range"):
        row.cpu()
    with pytest.raises(RuntimeError, match="before this one failed"):
        table.cpu()
    assert DEVICE.is_lost()
    SIMULATOR._error = None
    assert not DEVICE.is_lost()


def test_a_side_stream_is_waited_for_by_synchronize_alone():
    """A copy of the default stream's does not."""
    x = torch.zeros(3, device="simulated")
    with torch.simulated.stream(torch.simulated.Stream()):
        x += 1
        assert torch.simulated.current_stream() is not SIMULATOR.default
    assert x.cpu().tolist() == [0.0] * 3
    torch.simulated.synchronize()
    assert x.cpu().tolist() == [1.0] * 3


def test_it_is_busy_by_itself():
    """Work that it was given goes on; next to nothing then takes longer."""
    DEVICE.synchronize()
    calm = min(DEVICE.idle() for _ in range(5))
    torch.simulated._sleep(0.1)
    assert DEVICE.idle() > max(0.05, calm)
    assert DEVICE.idle() < 0.05


def test_its_memory_is_counted_and_bounded():
    """A peak, an end, and blocks that come back as they were left."""
    torch.simulated.reset_peak_memory_stats()
    floor = torch.simulated.max_memory_allocated()
    x = torch.full((1000,), 3.0, device="simulated")
    assert torch.simulated.max_memory_allocated() - floor == 4000
    DEVICE.synchronize()
    del x
    assert torch.empty(1000, device="simulated").cpu().tolist() == [3.0] * 1000
    capacity = PAGE.capacity
    try:
        PAGE.set(capacity=1000)
        with pytest.raises(torch.OutOfMemoryError, match="simulated out of memory"):
            torch.empty(100_000, device="simulated")
    finally:
        PAGE.set(capacity=capacity)


def test_the_bus_takes_time():
    """Where it is bounded, and bytes are counted in both directions."""
    up, down = PAGE.up, PAGE.down
    x = torch.ones(1000).to("simulated")
    assert (PAGE.up - up, PAGE.down - down) == (4000, 0)
    PAGE.set(bus=100_000)
    began = time.monotonic()
    x.cpu()
    PAGE.set(bus=0)
    assert time.monotonic() - began >= 0.04
    assert (PAGE.up - up, PAGE.down - down) == (4000, 4000)


def test_the_two_memories_do_not_mix():
    """As on a GPU; a single number may come from anywhere."""
    x = torch.ones(3, device="simulated")
    for mixed in (lambda: x + torch.ones(3), lambda: torch.cat([x, torch.ones(3)])):
        with pytest.raises(RuntimeError, match="on the same device"):
            mixed()
    assert (x + torch.tensor(2.0)).cpu().tolist() == [3.0] * 3


def test_random_numbers_are_its_own():
    """Seeded with torch's, and drawn without the processor's being moved."""
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one = torch.rand(4, device="simulated").cpu()
    assert torch.equal(torch.get_rng_state(), before)
    DEVICE.seed(3)
    assert torch.equal(torch.rand(4, device="simulated").cpu(), one)
    state = torch.simulated.get_rng_state()
    two = torch.rand(4, device="simulated").cpu()
    torch.simulated.set_rng_state(state)
    assert torch.equal(torch.rand(4, device="simulated").cpu(), two)


def test_events_tell_the_time():
    """For those who forge them."""
    one, other = torch.simulated.Event(enable_timing=True), torch.simulated.Event()
    one.record()
    other.record()
    other.synchronize()
    assert one.elapsed_time(other) >= 0


def test_the_rest_of_what_torch_asks_a_device():
    """One device, of which nobody has to be afraid."""
    module = torch.simulated
    assert module.is_initialized()
    assert module.is_available()
    assert module.device_count() == 1
    assert module.current_device() == 0
    assert not module._is_in_bad_fork()
    assert torch.float16 in module.get_amp_supported_dtype()
    assert not hasattr(PAGE, "something")


def test_a_device_is_asked_by_one_interface():
    """Its cache is emptied with half as much again as it holds, its peak counted anew."""
    assert DEVICE.is_apart
    assert not DEVICE.lacks()
    assert DEVICE.described()["title"] == "simulated accelerator"
    assert DEVICE.flush_bytes == simulator.L2_BYTES * 3 // 2
    DEVICE.clear()
    assert SIMULATOR._free[DEVICE.flush_bytes], "a block of that size was written, and given back"
    assert DEVICE.share() == DEVICE.share()
    assert isinstance(DEVICE, Simulated)
    DEVICE.settle()
