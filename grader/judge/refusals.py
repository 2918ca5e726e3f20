"""What the grader does not allow, named where code runs into it, with what to do instead.

An exception tells little of this: a refusal of the system's comes through libraries that make
something else of it. So it is known by the line that met it, too; ordinary mistakes on such a line
stay what they are.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.language import say
from grader.worker.guard import REFUSAL

# Mistakes of the code itself, whatever stands on the line.
_ORDINARY = frozenset(
    {
        *("AssertionError", "AttributeError", "ImportError", "IndentationError", "IndexError"),
        *("KeyError", "ModuleNotFoundError", "NameError", "NotImplementedError", "SyntaxError"),
        *("TypeError", "UnboundLocalError", "ValueError", "ZeroDivisionError"),
        *("KeyboardInterrupt", "RecursionError", "StopIteration", "SystemExit", "UnicodeError"),
        *("ArithmeticError", "FloatingPointError", "OverflowError", "LookupError", "MemoryError"),
        *("LinAlgError", "_LinAlgError", "OutOfMemoryError", "Exception"),
    }
)


def reading() -> str:
    """What is said to who reads a file."""
    return say(
        "Only Python and its libraries can be read where code is graded, and no file comes"
        " along with yours: write the values in the code."
    )


@dataclass(frozen=True)
class _Wall:
    """`types`: exceptions that nothing else raises. `lines`: what a line has that meets it, and
    `messages` what then is said; `torchs`, what torch says of it, which calls every mistake a
    RuntimeError. `advice` is what to do."""

    advice: Callable[[], str]
    types: str = "(?!)"
    messages: str = ""
    torchs: str = "(?!)"
    lines: str = "(?!)"


# Characters of a line that are looked at, of which nobody writes as many; the patterns below take
# the square of what they are given.
MOST_OF_A_LINE = 1_000

_UNSAVED = "Parent directory|open file failed|cannot be opened"
_REFUSED = r"Permission denied|not permitted|\[Errno (1|13|30)\]"
_WALLS = (
    _Wall(
        lambda: say(
            "Nobody can type while code is graded: take `breakpoint()` and `set_trace()` out. To"
            " look inside, run the function yourself on the input that is shown: python -i FILE."
        ),
        types="BdbQuit",
        lines=r"\bbreakpoint\(|\bset_trace\(|\bi?pdb\b|\.interact\(|\bembed\(|\bpost_mortem\(",
    ),
    _Wall(
        lambda: say(
            "Nobody can type while code is graded: take `input()` out, and write the value in the"
            " code."
        ),
        types="EOFError",
        messages="EOF when reading a line",
    ),
    _Wall(
        lambda: say(
            "No program may be started where code is graded, and a compiler is one: leave"
            " `torch.compile` and C++ out. The running time is compared without them."
        ),
        types="BackendCompilerFailed|InductorError|CppCompileError|TorchDynamoException",
        lines=r"\btorch\.compile\b|@compile\b|\bcpp_extension\b|\bload_inline\(|\baot_compile|"
        r"\baoti_compile|\btriton\b",
        torchs=r"Ninja|ompil|C\+\+|dynamo|inductor|triton",
    ),
    _Wall(
        lambda: say(
            "There is no network where code is graded: write what you need in your file, or"
            " compute it."
        ),
        torchs="internet|could not be found|onnect|resol",
        types="URLError|HTTPError|gaierror|ConnectionError|ConnectTimeout|ConnectError|"
        r"MaxRetryError|NewConnectionError|LocalEntryNotFoundError|DistNetworkError|timeout",
        lines=r"\btorch\.hub\b|\burlopen\(|\burlretrieve\(|\brequests\.|\burllib\b|\bsocket\b|"
        r"\bhttpx?\.|\bfrom_pretrained\(|download\w*\s*=\s*True|\bload_state_dict_from_url\(|"
        r"\binit_process_group\(|https?://|\bcreate_connection\(|\bwandb\.|\bload_dataset\(",
    ),
    _Wall(
        lambda: say(
            "No other process or program may be started where code is graded: do the work in this"
            " one (`num_workers=0` for a DataLoader)."
        ),
        torchs="process|worker|exited|not permitted",
        types="BrokenProcessPool|ProcessRaisedException|ProcessExitedException",
        lines=r"\bsubprocess\b|\bos\.(system|popen|fork|exec|spawn|posix_spawn|kill|forkpty)|"
        r"\bmultiprocessing\b|\b(Process|Pool|Manager|ProcessPoolExecutor)\(|\bnum_workers\b|"
        r"\bspawn\(|\bcheck_output\(|\bPopen\(|\bcheck_call\(|\bmp\.|\.start\(\)|\bPPE\(",
    ),
    _Wall(
        lambda: say(
            "Nothing is kept of what is saved while code is graded, and most folders are closed:"
            ' leave saving out, or put it below `if __name__ == "__main__":`.'
        ),
        messages=rf"{_REFUSED}|Read-only|File too large|No such file|{_UNSAVED}",
        torchs=_UNSAVED,
        lines=r"\b(torch|np|numpy|pickle|json)\.(save\w*|dump)\(|\bopen\([^)]*,\s*(mode=)?['\"]"
        r"[rb+t]*[wax+]|\.(to_csv|savefig|write_text|write_bytes|mkdir|touch|tofile)\(|"
        r"\bSummaryWriter\(|\b(makedirs|mkdir|rename|remove|unlink|rmtree|copy\w*)\(",
    ),
    _Wall(
        reading,
        messages=rf"{_REFUSED}|No such file|does not exist|not found",
        lines=r"\bopen\(|\btorch\.load\(|\b(np|numpy)\.(load|genfromtxt|loadtxt|fromfile)|\bread_(csv|text|"
        r"bytes)\(|\bPath\(|\bglob\b|\b(listdir|scandir|walk)\(|\.read_\w+\(|\bload_file\(",
    ),
)


def advice(type_name: str, message: str, lines: Sequence[str]) -> str | None:
    """What the grader does not allow and what to do, where that is why code raised; else None.

    `lines` are the submission's that it came through, the innermost last.
    """
    by_type = next((w for w in _WALLS if re.fullmatch(w.types, type_name)), None)
    if by_type is not None and re.search(by_type.messages, message):
        return by_type.advice()
    if type_name in _ORDINARY:
        return None
    for line in reversed(lines):
        code = line[:MOST_OF_A_LINE].partition("#")[0]
        for wall in _WALLS:
            said = wall.torchs if type_name == "RuntimeError" else wall.messages
            if re.search(wall.lines, code) and re.search(said, message):
                return wall.advice()
    if REFUSAL in message:
        return say("Leave out what looks into frames, the garbage collector or tracing.")
    if type_name == "PermissionError":
        return say(
            "(Your code is graded in a sandbox: no network, no other processes, no files to read.)"
        )
    return None
