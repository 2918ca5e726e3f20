"""macOS: Apple's libraries do not outlive a fork, and no limit bounds what a process maps.

Written from Apple's manual pages and header files; it has not been run on a Mac.
"""

import ctypes

from grader.systems.posix import Posix


class MacOS(Posix):
    """macOS: workers are executed, their memory is looked at, and Seatbelt is their wall."""

    name = "macOS"

    def confine(self, profile: str) -> str:
        """Have Seatbelt hold this process to a profile, for good; why it cannot, or nothing.

        It is what `sandbox-exec -p` does to a program that it starts.
        Source: macOS, sandbox_init(3)."""
        try:
            library = ctypes.CDLL("/usr/lib/libSystem.dylib")
            problem = ctypes.c_char_p()
            library.sandbox_init.argtypes = (
                ctypes.c_char_p,
                ctypes.c_uint64,
                ctypes.POINTER(ctypes.c_char_p),
            )
            refused = library.sandbox_init(profile.encode(), 0, ctypes.byref(problem))
        except (AttributeError, OSError) as error:
            return f"macOS says {error}"
        if refused:
            return f"macOS says {(problem.value or b'nothing').decode('utf-8', 'replace')}"
        return ""
