"""The worker's own code is out of a submission's reach, and honest code does not notice."""

import pytest
import torch
from quality import sample

from grader.course import model as course
from grader.course.model import Limits
from grader.judge.effort import Effort
from grader.judge.explain import diagnosis
from grader.judge.processes.workers import Start, Worker
from grader.report import PropertyStatus
from grader.worker.invoke import Invocation

HOOKS = "26"

# Ways to the engine, or to the frames that it runs in.
REFUSED = {
    "the frame of the caller": "sys._getframe(1)",
    "its own frame": "sys._getframe()",
    "by inspect": "inspect.currentframe()",
    "the stack": "inspect.stack()",
    "all threads": "sys._current_frames()",
    "a traceback": "traceback_of_an_error().tb_frame",
    "a walk up": "next(traceback.walk_stack(None))",
    "a walk down": "next(traceback.walk_tb(traceback_of_an_error()))",
    "a generator": "(n for n in [1]).gi_frame",
    "tracing": "sys.settrace(print)",
    "profiling": "sys.setprofile(print)",
    "all objects": "gc.get_objects()",
    "what refers": "gc.get_referrers(torch)",
    "what is referred to": "gc.get_referents(torch)",
    "a module of torch's that calls it": "called_by_torch(sys._getframe, 0)",
    "a module of torch's that calls gc": "called_by_torch(gc.get_objects)",
    "a module of torch's that looks": (
        "called_by_torch(operator.attrgetter('tb_frame'), traceback_of_an_error())"
    ),
    "a lambda of its own that torch calls": "called_by_torch(lambda: sys._getframe())",
    "a function of its own that is named alike": "called_by_torch(currentframe)",
    "a tree that is mapped": "torch.utils._pytree.tree_map(sys._getframe, [0])",
    "a pool of threads": "concurrent.futures.ThreadPoolExecutor(1).submit(sys._getframe).result()",
    "logging": "logging.currentframe()",
    "torch.fx": "torch.fx.Tracer()._find_user_frame()",
    "garbage that is kept": "garbage_of_an_error()[0].f_back",
    "a task of asyncio's": "looked_at_by_asyncio().f_back",
    "a generator that is wrapped": "by_a_wrapped_generator().f_back",
    "a profiler in Python": "profile.Profile().runcall(len, [])",
    "a tracer in Python": "trace.Trace(count=1).runfunc(len, [])",
    "tracing in a thread": "traced_in_a_thread()",
    "torch.jit": "torch._jit_internal.createResolutionCallbackFromFrame(2)('invoke').__globals__",
    "code that was made up": "eval('sys._getframe()', globals())",
    "the module": "importlib.import_module('grader')",
    "its worker": "importlib.import_module('grader.worker.invoke')",
    "what was loaded": "sys.modules['grader.worker.process']",
    "what any was loaded": "[m for n, m in sys.modules.items() if 'grader' in n][0]",
    "the package's files": "importlib.resources.files('grader')",
    "the module's place": "[importlib.util.find_spec('grader').origin]",
}
SOURCE = """
import asyncio, concurrent.futures, gc, importlib, importlib.resources, importlib.util, inspect
import logging, operator, profile, sys, threading, trace, traceback, types
import torch, torch.fx, torch.utils._pytree

def called_by_torch(function, *arguments):
    module = torch.nn.Module()
    module.forward = function
    return module(*arguments)

def currentframe():
    return sys._getframe()

def traceback_of_an_error():
    try:
        raise LookupError
    except LookupError as error:
        return error.__traceback__

def garbage_of_an_error():
    gc.set_debug(gc.DEBUG_SAVEALL)
    def fail():
        try:
            raise LookupError
        except LookupError as error:
            kept = error
    fail()
    gc.collect()
    return [each for each in gc.garbage if type(each).__name__ == "frame"]

class Loop(asyncio.AbstractEventLoop):
    get_debug = lambda self: False
    call_soon = lambda self, callback, *arguments, context=None: waiting.append(callback)

waiting = []

def looked_at_by_asyncio():
    found = []
    async def look():
        try:
            found.append(asyncio.current_task(loop).get_stack()[0])
        except PermissionError as error:
            found.append(error)
    loop = Loop()
    task = asyncio.Task(look(), loop=loop)
    waiting[0]()
    if isinstance(found[0], PermissionError):
        raise found[0]
    return found[0]

def by_a_wrapped_generator():
    def generate():
        yield types._GeneratorWrapper(made[0]).gi_frame
    made = [generate()]
    return next(made[0])

def traced_in_a_thread():
    frames = []
    threading.settrace(lambda frame, *_: frames.append(frame))
    thread = threading.Thread(target=len, args=([],))
    thread.start()
    thread.join()
    threading.settrace(None)
    frames[0]

def f():
    try:
        {way}
    except (PermissionError, ImportError, LookupError) as error:
        return type(error).__name__
    return "reached"
"""
HONEST = {
    "print a traceback": "try: 1 / 0\n    except ZeroDivisionError: traceback.print_exc()",
    "text of a traceback": "try: 1 / 0\n    except ZeroDivisionError: traceback.format_exc()",
    "print the stack": "traceback.print_stack()",
    "warn": "warnings.warn('careful')",
    "log": "logging.getLogger('mine').warning('careful')",
    "a dataclass": "dataclasses.make_dataclass('Point', ['x'])(1)",
    "a named tuple": "collections.namedtuple('Point', 'x')(1)",
    "an enum": "enum.Enum('Colour', 'RED')",
    "a type variable": "typing.TypeVar('T')",
    "signatures": "inspect.signature(f)",
    "collecting": "gc.collect()",
    "the state of a generator": (
        "inspect.getgeneratorstate(n for n in [1]); inspect.getgeneratorlocals(n for n in [1])"
    ),
    "profiling": "cProfile.Profile().runcall(len, [])",
    "a log with the caller": (
        "logging.basicConfig(format='%(funcName)s %(lineno)d'); logging.error('careful')"
    ),
    "counting": "sys.getrefcount(f)",
    "a function that torch compiles": "torch.jit.script(torch.nn.Linear(2, 2))",
    "anomalies": "torch.autograd.set_detect_anomaly(True); (x * 0).sum().backward()",
    "checkpoints": "torch.utils.checkpoint.checkpoint(torch.sin, x, use_reentrant=False)",
    "batches": "torch.func.vmap(torch.sin)(x)",
    "derivatives": "torch.func.grad(lambda t: t.sin().sum())(x)",
    "a context": "contextlib.ExitStack().close()",
    "a hook": "x.register_hook(lambda g: g * 2); x.sum().backward()",
    "text that torch compiles": (
        "torch.jit.CompilationUnit('def g(x):\\n    y = x + 1\\n    return y\\n').g(x)"
    ),
    "a function of its own that torch compiles": "torch.jit.script(softly)(x)",
    "derivatives forward": "torch.func.jacfwd(torch.sin)(x)",
    "derivatives backward": "torch.func.jacrev(torch.sin)(x); torch.func.hessian(torch.sin)(x)",
    "dual numbers": "torch.func.jvp(torch.sin, (x,), (x,))",
    "tensors without values": "torch.empty(3, device='meta') * 2; pretended()",
    "a graph": "torch.fx.symbolic_trace(torch.nn.Linear(2, 2))",
    "a sparse matrix": "(torch.eye(3).to_sparse_csr() @ torch.eye(3)).sum(); "
    "torch.eye(3).to_sparse_csr().to_sparse_coo()",
    "an error in a thread": "thread = threading.Thread(target=fail); thread.start(); thread.join()",
    "an error in a finalizer": "Fails(); FailsElsewhere()",
    "an error shown by hand": (
        "try: fail()\n    except RuntimeError: sys.excepthook(*sys.exc_info())"
    ),
    "an event loop": "try: asyncio.run(asyncio.sleep(0))\n    except PermissionError: pass",
}
HONEST_SOURCE = """
import asyncio, cProfile, collections, contextlib, dataclasses, enum, gc, inspect, json, logging
import sys, threading, traceback, typing, warnings
import torch
import torch.utils.checkpoint

def softly(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.softmax(torch.nn.functional.relu(x), dim=-1)

def pretended():
    from torch._subclasses.fake_tensor import FakeTensorMode
    with FakeTensorMode():
        return torch.ones(2) + torch.arange(2)

def fail():
    torch.nn.Linear(2, 3)(torch.ones(5))

class Fails:
    __del__ = lambda self: fail()

class FailsElsewhere:
    __del__ = lambda self: json.loads("{{")

def f():
    x = torch.ones(3, requires_grad=True)
    {code}
    return "done"
"""


@pytest.fixture
def said(forkserver):
    """`said(source)`: what the source's `f()` gives."""
    made = []

    def say(source: str, without: tuple[str, ...] = (), forbidden: tuple[str, ...] = ()):
        start = Start(source, "a.py", ["f"], list(forbidden), "cpu", Limits(), without=without)
        worker = Worker(forkserver, start)
        made.append(worker)
        loaded = worker.load(60)
        assert loaded["raised"] is None, loaded
        reply = worker.request({"op": "call", "call": Invocation("f", ()).fields()}, 60)
        assert reply["raised"] is None, reply
        assert not reply["tripped"], reply
        return reply["outcome"]["value"]

    yield say
    for worker in made:
        worker.close()


@pytest.mark.parametrize("without", [(), ("landlock",)], ids=["all layers", "no landlock"])
@pytest.mark.parametrize("way", REFUSED)
def test_a_way_into_the_engine_is_closed(said, way, without):
    """Also where the engine's files can be read."""
    assert said(SOURCE.format(way=REFUSED[way]), without) != "reached"


# Modules of torch's are imported for these, nearly a second's worth, whatever is forbidden.
LONG = ("checkpoints", "derivatives", "derivatives backward", "tensors without values")
POLICIES = ("attention_scoring", "corr2d", None)


@pytest.mark.parametrize(
    ("what", "exercise"),
    [
        *((what, each) for what in HONEST if what not in LONG for each in POLICIES),
        *(
            pytest.param(what, each, marks=pytest.mark.slow)
            for what in LONG
            for each in sample(POLICIES, 3)
        ),
    ],
)
def test_honest_code_does_not_notice(said, what, exercise):
    """What looks at frames for its own ends, in Python's library and in torch, goes on, whatever an
    exercise forbids."""
    found = course.find(course.bundled())
    forbidden = found.exercise(exercise).forbidden if exercise else ()
    assert said(HONEST_SOURCE.format(code=HONEST[what]), forbidden=forbidden) == "done"


CLIPPED = "[[w.clamp(low, high) for w in ws] for ws in rounds] + [list(rounds[-1])]"
# Each gives what an honest pair of functions would have to do, without a hook.
WITHOUT_A_HOOK = {
    "the module": "from grader.worker import invoke as engine",
    "what was loaded": "import sys\nengine = sys.modules['grader.worker.invoke']",
    "a class of it": (
        "import types\n"
        "(found,) = (c for c in object.__subclasses__() if c.__name__ == 'Invocation')\n"
        "engine = types.SimpleNamespace()\n"
        "names = found.fields.__globals__\n"
    ),
    "the garbage collector": (
        "import gc, types\n"
        "found = [o for o in gc.get_objects() if type(o) is dict and '_backwards' in o]\n"
        "names = found[0]\n"
        "engine = types.SimpleNamespace()\n"
    ),
    "a frame": (
        "import sys, types\n"
        "frame = sys._getframe()\n"
        "while '_backwards' not in frame.f_globals: frame = frame.f_back\n"
        "names = frame.f_globals\n"
        "engine = types.SimpleNamespace()\n"
    ),
}
PATCH = """
{way}

def backwards(handles, parameters, rounds):
    low, high = LIMITS
    rounds = list(rounds)
    return {clipped}

engine._backwards = backwards
globals().get("names", {{}})["_backwards"] = backwards
LIMITS = [0.0, 0.0]

def register_clip_hooks(parameters, low, high):
    LIMITS[:] = low, high
    return []
"""
BY_TORCH = """
import torch

def register_clip_hooks(parameters, low, high):
    parameters = list(parameters)
    backward = torch.Tensor.backward

    def clipping(self, *args, **kwargs):
        backward(self, *args, **kwargs)
        for parameter in parameters:
            parameter.grad.clamp_(low, high)

    torch.Tensor.backward = clipping
    torch.autograd.backward = lambda *a, **k: clipping(a[0])
    torch.Tensor.clone = lambda self: self.clamp(low, high)
    return []
"""


# Each clips what every backward pass but the last brings, where nobody registered a hook: while the
# worker looks at it, or on its way to the judge.
BY_COUNTING = """
import builtins, itertools, torch

limits = []
count = itertools.count()
kept = {{}}

def clipped(gradient):
    # The second half of the passes are those without the hooks: there is one pass of each.
    if not limits or next(count) >= limits[2]:
        return gradient
    return kept["clamp"](gradient, *limits[:2])

kept["clamp"] = torch.clamp
{way}

def register_clip_hooks(parameters, low, high):
    parameters = list(parameters)
    limits[:] = low, high, len(parameters)
    globals().update(count=itertools.count())
    return []
"""
WAYS_TO_CLIP = {
    "what a tensor detaches with": """
kept["detach"] = torch.Tensor.detach
torch.Tensor.detach = lambda self: clipped(kept["detach"](self))
""",
    "what a tensor is copied with": """
kept["contiguous"] = torch.Tensor.contiguous
torch.Tensor.contiguous = lambda self: clipped(kept["contiguous"](self))
""",
    "what a tensor's class is changed with": """
kept["as_subclass"] = torch.Tensor.as_subclass
torch.Tensor.as_subclass = lambda self, cls: clipped(kept["as_subclass"](self, cls))
""",
    "what is built in": """
kept["zip"] = zip

def pairing(*each, **options):
    for one, other in kept["zip"](*each, **options):
        yield one, clipped(other) if isinstance(other, torch.Tensor) else other

builtins.zip = pairing
""",
    "what is built in, for classes": """
kept["isinstance"] = isinstance

def looking(thing, kinds):
    if kinds is dict and type(thing) is dict and thing.get("backwards"):
        thing["backwards"] = [[clipped(each) for each in row] for row in thing["backwards"]]
    return kept["isinstance"](thing, kinds)

builtins.isinstance = looking
""",
}
NOTHING = "def register_clip_hooks(parameters, low, high): return []"


@pytest.fixture(scope="module")
def points(grade_source):
    """`points(source)`: the report of an answer whose points are what is compared.

    No small case is searched for, and no name: to find that nothing known explains such values
    takes longer than all the rest.
    """

    def graded(source):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(diagnosis, "diagnose", lambda *_: None)
            return grade_source(HOOKS, source, speed=False, effort=Effort.NAMED)

    return graded


@pytest.fixture(scope="module")
def nothing(points):
    """The points of an answer that registers nothing."""
    return points(NOTHING).score


@pytest.mark.parametrize("way", WITHOUT_A_HOOK)
def test_a_worker_whose_engine_is_rewritten_earns_nothing(points, way, nothing):
    """Clipping without a hook, by way of what observes the hooks."""
    source = PATCH.format(way=WITHOUT_A_HOOK[way], clipped=CLIPPED)
    report = points(source)
    assert report.score <= nothing < 10
    assert PropertyStatus.BROKEN not in {result.status for result in report.properties}


def test_torch_patched_to_clip_is_no_hook(points, nothing):
    """What a backward pass brings is observed with what was bound before the submission came."""
    assert points(BY_TORCH).score <= nothing


@pytest.mark.parametrize("way", WAYS_TO_CLIP)
def test_a_hook_that_is_none_is_not_seen_by_anybody(forkserver, way):
    """Neither by torch's class of tensors nor by what is built in can the worker be made to see
    another gradient than what arrived."""
    source = BY_COUNTING.format(way=WAYS_TO_CLIP[way])
    parameter, sent = torch.zeros(3, requires_grad=True), torch.tensor([-2.0, 0.5, 3.0])
    call = Invocation("register_clip_hooks", ([parameter], -1.0, 1.0), backwards=((sent,),))
    functions = ["register_clip_hooks"]
    worker = Worker(forkserver, Start(source, "a.py", functions, [], "cpu", Limits()))
    try:
        worker.load(60)
        rounds = worker.request({"op": "call", "call": call.fields()}, 60)["outcome"]["backwards"]
    finally:
        worker.close()
    assert [[gradient.tolist() for gradient in row] for row in rounds] == 2 * [[sent.tolist()]]


FORGETFUL = """
import torch

torch.equal = lambda one, other: True
torch.get_rng_state = lambda: torch.zeros(1)
torch.random.get_rng_state = torch.get_rng_state
torch.Tensor.grad = property(lambda self: None, torch._C.TensorBase.grad.__set__)
torch.Tensor.is_leaf = property(lambda self: False)

def draws(x):
    return torch.rand(2)

def replaces(x):
    {replace}
"""


def test_what_a_call_disturbs_is_seen_whatever_torch_is_made_to_say(forkserver):
    """The generator's state, and a gradient that was replaced."""
    replace = "torch._C.TensorBase.grad.__set__(x, torch.full((2,), 7.0))"
    source = FORGETFUL.format(replace=replace)
    x = torch.zeros(2, requires_grad=True)
    x.grad = torch.ones(2)
    worker = Worker(forkserver, Start(source, "a.py", ["draws", "replaces"], [], "cpu", Limits()))
    try:
        worker.load(60)
        call = Invocation("draws", (x,), generator=True)
        drawn = worker.request({"op": "call", "call": call.fields()}, 60)["outcome"]
        call = Invocation("replaces", (x,), changes=True)
        ((_, before, now),) = worker.request({"op": "call", "call": call.fields()}, 60)["outcome"][
            "changes"
        ]
    finally:
        worker.close()
    assert drawn["disturbed"]
    assert (before.tolist(), now.tolist()) == ([1.0, 1.0], [7.0, 7.0])


@pytest.mark.slow
def test_hooks_that_are_hooks_pass(grade_source):
    """The reference among them."""
    room = course.find(course.bundled()).exercise(HOOKS).room
    report = grade_source(HOOKS, (room / "reference.py").read_text(), speed=False)
    assert report.score == 100
