"""Looks for the answer in its own process: frames, the garbage collector, classes, loaded modules.

Has worked on graders that import the reference solution or the tests before, or beside, the
student's code.
"""

import functools
import gc
import sys
import types

EARNS = 0
SAYS = "functions of mine"

NAMES = ("attention_scores", "attention")


def refused():
    """Ways into the process that are closed."""
    for way in (sys._getframe, sys._current_frames, gc.get_objects, lambda: gc.get_referrers(gc)):
        try:
            way()
            yield f"way {way}"
        except PermissionError as error:
            print(error)
    try:
        raise LookupError
    except LookupError as error:
        try:
            yield f"frame {error.__traceback__.tb_frame}"
        except PermissionError as refusal:
            print(refusal)


def everything():
    """What can be reached from the classes and modules of the process."""
    seen = {}
    pending = [*object.__subclasses__(), *sys.modules.values()]
    while pending and len(seen) < 60_000:
        thing = pending.pop()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        for name in ("__dict__", "__globals__", "__closure__", "__wrapped__", "__self__"):
            try:
                inner = getattr(thing, name, None)
            except Exception:
                continue
            if isinstance(inner, types.MappingProxyType):
                pending += list(inner.values())
            elif inner is not None:
                pending.append(inner)
        if isinstance(thing, dict):
            pending += list(thing.values())
        elif isinstance(thing, list | tuple | set):
            pending += list(thing)
        elif isinstance(thing, types.CellType):
            try:
                pending.append(thing.cell_contents)
            except ValueError:
                continue
    return list(seen.values())


def holds_functions(thing):
    return thing is not globals() and any(map(callable, map(thing.get, NAMES)))


def found(things):
    """What looks like the other side's: functions of the same names, and files of the room."""
    for name, module in list(sys.modules.items()):
        if "solutions" in str(getattr(module, "__file__", "")):
            yield f"module {name}"
    for thing in things:
        if isinstance(thing, types.FunctionType):
            if "solutions" in thing.__code__.co_filename:
                yield f"function {thing.__code__.co_filename}:{thing.__name__}"
            if thing.__name__ in NAMES and thing.__module__ != __name__:
                yield f"function {thing.__module__}.{thing.__name__}"
        elif type(thing).__name__ in ("Reference", "Expected", "Wrong", "Hint"):
            yield f"object {type(thing).__name__}"
        elif type(thing) is dict and thing is not MINE and holds_functions(thing):
            yield f"dict {thing!r}"


MINE = globals()


@functools.cache
def search(function):
    """What a call of `function` can reach, the first time: later ones reach no more."""
    things = everything()
    mine = [f for f in things if f is attention or f is attention_scores]
    for secret in (*found(things), *refused()):
        print("SECRET", secret[:500])
    print(f"looked at {len(things)} objects and {len(sys.modules)} modules")
    return f"{len(mine)} functions of mine, and what I printed"


def attention_scores(queries, keys):
    raise LookupError(search("attention_scores"))


def attention(queries, keys, values):
    raise LookupError(search("attention"))
