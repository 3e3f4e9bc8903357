# SPDX-License-Identifier: Apache-2.0
"""Some threads of a running process stand still and the others go on, as in one that hangs (ptrace(2))."""
import contextlib
import ctypes
import os

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000  # __WALL: of threads too

_ptrace = ctypes.CDLL(None, use_errno=True).ptrace
_ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_ptrace.restype = ctypes.c_long


def _ask(request, thread):
    if _ptrace(request, thread, None, None) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def threads(pid, name):
    """Those of that name."""
    found = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/comm", encoding="utf-8") as file:
            if file.read().rstrip("\n") == name:
                found.append(int(thread))
    return found


@contextlib.contextmanager
def frozen(all_of_them):
    """They stand still inside. Enter and leave on the same thread. OSError: the kernel does not allow it."""
    held = []
    try:
        for thread in all_of_them:
            _ask(PTRACE_SEIZE, thread)
            held.append(thread)
            _ask(PTRACE_INTERRUPT, thread)
            os.waitpid(thread, WALL)
        yield
    finally:
        for thread in held:
            try:
                _ask(PTRACE_DETACH, thread)
            except ProcessLookupError:  # ended meanwhile; its process goes when somebody has taken note of it
                os.waitpid(thread, WALL)
