"""What a judge remembers of properties that passed, to grade the next answer with less work.

With one seed, a property asks every answer for the same calls as long as the replies are the same:
it is a function of its draws and of what came back. So for each property that passed cleanly (no
side effect, no wrong dtype, nothing put off, nobody lost) the requests are kept as they went over
the channel, each under a digest of all replies before it, and under the digest of them all stands
that the property holds. Another answer is asked these requests one by one, in a fresh worker as
ever. While its replies are, byte for byte, what another's were that passed, neither the property
nor Hypothesis nor the reference needs to run; where the last one was, it has passed too. At the
first other reply the property runs as it always does: it is given what was heard so far in place of
new replies, and then the worker, which has been asked exactly what it would have been asked.

So nothing of a verdict depends on what is remembered. A reply counts only where it was found right
before, to the same requests after the same replies; a request is sent only after all before it
were answered, as without; and of a student's there remain digests and observations of calls that
were right, in the judge, which no worker reads.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.course.model import Exercise
from grader.wire import Parcel

# Bytes of requests that are kept: of one property, and of all. Requests of one property, for as
# many ways to be right as there are.
MOST_OF_ONE = 16 << 20
MOST = 96 << 20
MOST_REQUESTS = 20_000
MOST_LOST = 3
PER_REQUEST = 500  # bytes, about, of what is noted of one beside its parcel

Reply = tuple[bytes | bytearray, bytes | bytearray]


@dataclass(frozen=True)
class Ask:
    """A request that is next: its parcel, and the seconds that its calls might not use."""

    parcel: Parcel
    kept_back: float


@dataclass(frozen=True)
class Passed:
    """That a property holds: the calls that were kept of it, and the functions that it held
    against the reference's. `size`: the bytes of it, about."""

    records: Sequence[Any]
    asked_for: frozenset[str]
    size: int = 0


@dataclass
class Trace:
    """What a property that is tried asks, and what it hears."""

    asks: list[Ask] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)  # their digests
    functions: set[str] = field(default_factory=set)
    size: int = 0

    @property
    def is_too_long(self) -> bool:
        """Whether it is more than may be kept."""
        return self.size > MOST_OF_ONE or len(self.asks) > MOST_REQUESTS

    def add(self, function: str, ask: Ask, reply: Reply) -> None:
        """Note a request of a function, and its reply."""
        self.size += ask.parcel.size
        if self.is_too_long:
            self.asks, self.replies = [], []
            return
        if function:
            self.functions.add(function)
        self.asks.append(ask)
        self.replies.append(digest(reply))


def digest(reply: Reply) -> bytes:
    """What tells a reply from any other."""
    header, body = reply
    found = hashlib.sha256(len(header).to_bytes(8, "big"))
    found.update(header)
    found.update(body)
    return found.digest()


START = b""


def following(state: bytes, reply: bytes) -> bytes:
    """The digest of all replies, with one more."""
    return hashlib.sha256(state + reply).digest()


class Property:
    """The ways to pass one property with one seed that are known: what comes next after each of the
    beginnings of what was heard."""

    def __init__(self) -> None:
        self.functions: set[str] = set()  # that are called
        self.size = 0
        self._next: dict[bytes, Ask | Passed] = {}
        self._parcels: dict[Parcel, Parcel] = {}

    def next(self, state: bytes) -> Ask | Passed | None:
        """What comes after these replies; None where nobody has passed with them."""
        return self._next.get(state)

    def add(self, trace: Trace, passed: Passed) -> None:
        """Remember one more way to pass, where there is room."""
        if trace.is_too_long or len(self._next) + len(trace.asks) > MOST_REQUESTS:
            return
        new = {ask.parcel for ask in trace.asks} - self._parcels.keys()
        more = sum(parcel.size for parcel in new)
        if self.size + more > MOST_OF_ONE:
            return
        state, before = START, len(self._next)
        for ask, reply in zip(trace.asks, trace.replies, strict=True):
            parcel = self._parcels.setdefault(ask.parcel, ask.parcel)
            self._next.setdefault(state, replace(ask, parcel=parcel))
            state = following(state, reply)
        self._next.setdefault(state, passed)
        self.functions |= trace.functions
        self.size += more + PER_REQUEST * (len(self._next) - before)
        self.size += passed.size


@dataclass
class Room:
    """What is known of one exercise, as its files are now, with one seed on one device."""

    key: bytes
    # The properties in their order, with title and points, by whatever else decides them.
    plans: dict[object, Sequence[tuple[str, str, int]]] = field(default_factory=dict)
    lost: int = 0  # times that a property did not ask the same again for the same replies

    @property
    def is_steady(self) -> bool:
        """Whether it is worth while to remember anything. A slow answer, which is spared something,
        may be lost; one after the other are not."""
        return self.lost < MOST_LOST

    def known(self, name: str) -> Property:
        """The property of that name."""
        key = self.key, name
        found = _properties.setdefault(key, Property())
        _properties.move_to_end(key)
        return found

    def passed(self, name: str, trace: Trace, passed: Passed) -> None:
        """Remember how a property passed; what nobody asked for of late makes room for it."""
        self.known(name).add(trace, passed)
        held = sum(each.size for each in _properties.values())
        while held > MOST and len(_properties) > 1:
            held -= _properties.popitem(last=False)[1].size


_properties: "OrderedDict[tuple[bytes, str], Property]" = OrderedDict()
_rooms: "OrderedDict[bytes, Room]" = OrderedDict()
MOST_ROOMS = 500


def room_of(exercise: Exercise, seed: int, device: str) -> Room:
    """What is known of an exercise."""
    paths = [exercise.room / "properties.py", exercise.room / "reference.py", exercise.given]
    found = hashlib.sha256()
    asked = exercise.functions, exercise.classes, exercise.limits, exercise.packages
    for part in (repr((str(exercise.room), seed, device, *asked)).encode(), *map(_read, paths)):
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    key = found.digest()
    room = _rooms.setdefault(key, Room(key))
    _rooms.move_to_end(key)
    while len(_rooms) > MOST_ROOMS:
        _rooms.popitem(last=False)
    return room


def forget() -> None:
    """Remember nothing any more."""
    _properties.clear()
    _rooms.clear()


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
