"""The layer `seccomp`: which system calls may be made, and with what."""

import errno
import os
from contextlib import suppress
from dataclasses import dataclass

from grader.worker.walls.layers import Plan, Prepared

# What Python and torch need, found by tracing them; whatever is not here is refused, those calls
# too that nobody has invented yet. Names that a libseccomp or a machine lacks are passed over.
#
# Left out on purpose, though they look harmless, because through them workers could tell each
# other something, or slow each other down: locks, leases and watches on files, `sysinfo` and
# `statfs` (free memory, free disk), `sync`, `mincore`, `membarrier`, and whatever takes the number
# of another process.
_ALLOWED = """
    read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 sendfile
    copy_file_range lseek close close_range dup dup2 dup3 fsync fdatasync ftruncate fallocate
    stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat
    getdents getdents64 getcwd chdir fchdir umask
    mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    pipe pipe2 eventfd eventfd2 poll ppoll select pselect6
    epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
    brk munmap mprotect mremap msync
    futex gettid set_tid_address set_robust_list rseq sched_yield exit exit_group
    arch_prctl riscv_flush_icache riscv_hwprobe
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait
    sigaltstack restart_syscall pause alarm setitimer getitimer
    time gettimeofday nanosleep times getrusage getcpu getrandom uname getrlimit setrlimit
    getpid getppid getpgrp getuid geteuid getgid getegid getgroups getresuid getresgid
    recvfrom getsockname getpeername
"""
# Said to be missing: libraries then take an older way, one whose arguments can be looked at or
# that is as good. The last ones are newer than many a libseccomp; they have one number everywhere.
_MISSING = {
    "clone3": None,
    "openat2": None,
    "membarrier": None,
    "get_mempolicy": None,
    "futex_waitv": 449,
    "futex_wake": 454,
    "futex_wait": 455,
    "futex_requeue": 456,
    "mseal": 462,
}

_INT = 0xFFFF_FFFF
_POINTER = 0xFFFF_FFFF_FFFF_FFFF
_CLONE_THREAD = 0x0001_0000
_CLONE_VFORK = 0x0000_4000
_NAMESPACES = 0x7E02_0000
_MAP_HUGETLB = 0x0004_0000
_F_DUPFD_CLOEXEC = 1030
_PLAIN_FCNTL = (0, 1, 2, 3, _F_DUPFD_CLOEXEC)  # duplicates and flags: no locks, leases, owners
_F_SETFL, _O_ASYNC = 4, 0x2000
_O_ACCMODE = os.O_WRONLY | os.O_RDWR
# TCGETS and TCGETS2 (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX and FIOCLEX.
_PLAIN_IOCTLS = (0x5401, 0x802C_542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# To read what was set here, and the names of threads, of memory, and vector lengths on Arm.
_PLAIN_PRCTLS = (2, 3, 15, 16, 21, 39, 42, 51, 56, 64, 0x5356_4D41)
# Without DONTNEED: it takes files that all workers share out of the system's cache.
_PLAIN_FADVICE = (0, 1, 2, 3)
# Neither what merges equal pages of all processes, nor what pushes them out to the disk.
_PLAIN_MADVICE = (0, 1, 2, 3, 4, 8, 9, 10, 11, 14, 15, 16, 17, 22, 23)
_OWN = -1  # stands for the number of this process


@dataclass(frozen=True)
class _Permission:
    """Calls that may be made where, for one of `values`, each argument has those bits under its
    mask. `bits`: argument's index, mask; `values`: one number for each of them."""

    names: str
    bits: tuple[tuple[int, int], ...]
    values: tuple[tuple[int, ...], ...]


def _when(names: str, argument: int, mask: int, *values: int) -> _Permission:
    return _Permission(names, ((argument, mask),), tuple((value,) for value in values))


_PERMISSIONS = (
    # Threads, but no processes; and none for which another waits where no signal stops it.
    _when("clone", 0, _CLONE_THREAD | _CLONE_VFORK | _NAMESPACES, _CLONE_THREAD),
    # Signals, limits and places on the processor: its own. Threads are named by 0.
    _when("kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo", 0, _INT, _OWN),
    _when("sched_getaffinity sched_setaffinity getpgid getsid", 0, _INT, 0, _OWN),
    _when("prlimit64", 0, _INT, 0),
    # Clocks that all share, and its own; those of other processes have negative numbers.
    _when("clock_gettime clock_getres clock_nanosleep", 0, _INT & ~0xF, 0),
    # Opening a file to read may empty it, and Landlock learnt that as late as version 3.
    _when("open", 1, os.O_TRUNC, 0),
    _when("open", 1, _O_ACCMODE, os.O_WRONLY, os.O_RDWR),
    _when("openat", 2, os.O_TRUNC, 0),
    _when("openat", 2, _O_ACCMODE, os.O_WRONLY, os.O_RDWR),
    _when("fcntl", 1, _INT, *_PLAIN_FCNTL),
    _Permission("fcntl", ((1, _INT), (2, _O_ASYNC)), ((_F_SETFL, 0),)),
    _when("ioctl", 1, _INT, *_PLAIN_IOCTLS),
    _when("prctl", 0, _INT, *_PLAIN_PRCTLS),
    _when("fadvise64", 3, _INT, *_PLAIN_FADVICE),
    _when("madvise", 2, _INT, *_PLAIN_MADVICE),
    # Huge pages that somebody has set aside are a store that all share.
    _when("mmap", 3, _MAP_HUGETLB, 0),
    _when("sendto", 4, _POINTER, 0),  # the channel to the judge is connected
)
# CUDA's, from what is known of its driver: it shares memory by memfd, asks for the machine's memory
# and nodes, and speaks through ioctl with devices whose numbers are of the type F (nvidia) or have
# no type (nvidia-uvm). Landlock says which devices those are. No GPU has tried this list so far.
_ALLOWED_FOR_CUDA = """
    memfd_create sysinfo statfs fstatfs mincore mlock munlock get_mempolicy set_mempolicy mbind
    sched_get_priority_max sched_get_priority_min
"""
_PERMISSIONS_FOR_CUDA = (
    _when("ioctl", 1, 0xFF00, 0x4600),
    _when("ioctl", 1, _INT & ~0xFF, 0),
    _when("ioctl", 1, _INT & ~0xF, 0x3000_0000),
)


def restrict_calls(plan: Plan) -> str:
    """Refuse every system call but those above, by number and by argument where the argument is
    a plain number. Calls of another machine's table end the process."""
    library = Prepared.seccomp
    if library is None:
        return Prepared.why_no_seccomp
    cuda = plan.device != "cpu"
    allowed = _ALLOWED.split() + (_ALLOWED_FOR_CUDA.split() if cuda else [])
    rules = library.SyscallFilter(library.ERRNO(errno.EPERM))

    def number(name: str) -> int:
        # -1 is a call that this libseccomp does not know; below are those of other machines.
        found: int = library.resolve_syscall(library.Arch.NATIVE, name)
        return found

    for name, known in _MISSING.items():
        if name not in allowed and (found := max(number(name), known or -1)) >= 0:
            rules.add_rule(library.ERRNO(errno.ENOSYS), found)
    for name in allowed:
        if (found := number(name)) >= 0:
            rules.add_rule(library.ALLOW, found)
    pid = os.getpid()
    for permission in (*_PERMISSIONS, *(_PERMISSIONS_FOR_CUDA if cuda else ())):
        for name in permission.names.split():
            if (found := number(name)) < 0:
                continue
            for values in permission.values:
                bits = zip(permission.bits, values, strict=True)
                rules.add_rule(
                    library.ALLOW,
                    found,
                    *(
                        library.Arg(index, library.MASKED_EQ, mask, pid if value == _OWN else value)
                        for (index, mask), value in bits
                    ),
                )
    with suppress(OSError):  # older ones end the thread alone
        rules.set_attr(library.Attr.ACT_BADARCH, library.KILL_PROCESS)
    with suppress(OSError):  # older ones look for a number one by one
        rules.set_attr(library.Attr.CTL_OPTIMIZE, 2)
    try:
        rules.load()
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOSYS):
            return "this kernel has no seccomp filters"
        raise
    return ""
