"""The clean process that workers and judges descend from.

It is started by exec with fixed arguments, a minimal environment and no course, so that nothing of
a grading was ever in its memory. It imports torch once, for all. Whoever started it holds the other
end of the socket that is its standard input, and asks for forks:

    grader.worker.forkserver    what workers are forked from, and never anything else
    grader.grading.prefork    what judges are forked from: they learn their secrets afterwards

Each judge of a class has one of the first: what all of them begin with is done here, when one is
first asked for.

`grader.judge.processes.origin` is the hold on it.
"""

import contextlib
import gc
import importlib
import os
import signal
import socket
from typing import NoReturn

from grader.worker.walls import processes

MAX_REQUEST = 256  # bytes of the name of a module
SHARED = "grader.worker.forkserver"  # its `prepare` is done here, once for all


def main() -> NoReturn:
    """Fork what is asked for over standard input until that ends. Never returns."""
    status = 1
    gc.disable()  # looking for garbage among all that is imported takes a fifth of the time
    import torch

    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever is asked to stop ends this too
        signal.signal(signal.SIGCHLD, _reap)
        processes.undumpable()
        # A fork after a multi-threaded operation hangs in the child's first one.
        torch.set_num_threads(1)
        with socket.socket(fileno=os.dup(0)) as control:
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 0)
            os.close(nothing)
            gc.freeze()
            while _obeyed(control):
                pass
        status = 0
    except ConnectionResetError:
        status = 0
    finally:
        os._exit(status)


def _reap(*_: object) -> None:
    """Wait for those who have ended: else what they cost counts for nobody."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _obeyed(control: socket.socket) -> bool:
    """Fork once, as is asked for; False where nobody will ask again."""
    request, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST, 1)
    if not request:
        return False
    (descriptor,) = descriptors
    name = request.decode()
    if name == SHARED:
        _prepare()
    if os.fork() == 0:
        _become(name, control, socket.socket(fileno=descriptor))
    os.close(descriptor)
    return True


def _prepare() -> None:
    """Do what each of them begins with; where that fails, each fails by itself, which is told."""
    # What is started meanwhile is waited for by whoever started it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    with contextlib.suppress(Exception):
        importlib.import_module(SHARED).prepare()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _become(name: str, control: socket.socket, channel: socket.socket) -> NoReturn:
    """Be what the module `name` is, over `channel`."""
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        module = importlib.import_module(name)
        gc.freeze()
        gc.enable()
        module.run(channel)
    finally:
        os._exit(1)
