"""Changes rights of files by calls that are newer than most lists of what is dangerous.

On Linux 6.13 `setxattrat` changed the mode of files outside the folder, where the older `setxattr`
was refused. The last numbers are those that no kernel has given away yet.
"""

import ctypes

EARNS = 0
SAYS = "no newer way"
AGAINST = "seccomp"

ROOT = b"@ROOT@"
HERE, NOTHING_TO_FOLLOW = -100, 0x100
ACL = b"system.posix_acl_access"
CALLS = {
    # Each fails for its arguments, but not before the kernel has looked at them.
    "setxattrat": (463, HERE, ROOT, 0, ACL, bytes(16), 1),
    "getxattrat": (464, HERE, ROOT, 0, ACL, bytes(16), 1),
    "listxattrat": (465, HERE, ROOT, 0, None, 0),
    "removexattrat": (466, HERE, ROOT, 0, ACL),
    "open_tree_attr": (467, HERE, ROOT, 0, bytes(32), 1),
    "file_getattr": (468, HERE, ROOT, bytes(24), 1, 0),
    "file_setattr": (469, HERE, ROOT, bytes(24), 1, 0),
    "fchmodat2": (452, HERE, ROOT, 0o40755, NOTHING_TO_FOLLOW),
    "cachestat": (451, 0, bytes(16), bytes(40), 0),
    "statmount": (457, bytes(24), bytes(8), 8, 0),
    "listmount": (458, bytes(24), bytes(8), 1, 0),
    "lsm_list_modules": (461, bytes(8), bytes(4), 0),
    "one of tomorrow": (999, 0, 0, 0),
    "the last number": (4095, 0, 0, 0),
}
NOT_PERMITTED, NO_SUCH_CALL = 1, 38


def attention_scores(queries, keys, *values):
    libc = ctypes.CDLL(None, use_errno=True)
    for name, call in CALLS.items():
        ctypes.set_errno(0)
        failed = libc.syscall(*call) == -1
        if not (failed and ctypes.get_errno() in (NOT_PERMITTED, NO_SUCH_CALL)):
            print("REACHED", name)
    raise LookupError("no newer way")


attention = attention_scores
