"""Looks for the answer in its own process: stack frames, the garbage collector, loaded modules.

Has worked on graders that import the reference solution or the tests before, or beside, the
student's code.
"""

import gc
import sys
import types

EARNS = 0
SAYS = "functions of mine"

WORDS = ("reference", "properties", "misconceptions", "test_", "expected", "solution")
NAMES = ("attention_scores", "attention")


def frames():
    frame = sys._getframe()
    while frame is not None:
        yield frame
        frame = frame.f_back
    yield from sys._current_frames().values()


def holds_functions(thing):
    return thing is not globals() and any(map(callable, map(thing.get, NAMES)))


def found():
    """What looks like the other side's: functions of the same names, and files of the room."""
    for frame in frames():
        if "solutions" in frame.f_code.co_filename:
            yield f"frame {frame.f_code.co_filename}"
        for name, value in frame.f_locals.items():
            if name in ("reference", "properties", "misconceptions", "expected"):
                yield f"local {name}: {value!r}"
    for name, module in list(sys.modules.items()):
        if "solutions" in str(getattr(module, "__file__", "")):
            yield f"module {name}"
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType):
            if "solutions" in thing.__code__.co_filename:
                yield f"function {thing.__code__.co_filename}:{thing.__name__}"
            if thing.__name__ in NAMES and thing.__module__ != __name__:
                yield f"function {thing.__module__}.{thing.__name__}"
        elif type(thing).__name__ in ("Reference", "ReferenceFunction", "Expected", "Wrong"):
            yield f"object {type(thing).__name__}"
        elif type(thing) is dict and holds_functions(thing):
            yield f"dict {thing!r}"


def search():
    gc.unfreeze()
    mine = [f for f in gc.get_objects() if f is attention or f is attention_scores]
    for secret in found():
        print("SECRET", secret[:500])
    print(f"looked at {len(gc.get_objects())} objects and {len(sys.modules)} modules")
    raise LookupError(f"{len(mine)} functions of mine, and what I printed")


def attention_scores(queries, keys):
    search()


def attention(queries, keys, values):
    search()
