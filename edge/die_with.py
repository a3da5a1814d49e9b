"""A child process that does not outlive its parent."""

import ctypes
import os
import signal

from edge.errors import EdgeError

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>: the signal this process gets when its parent's thread ends


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies; raises EdgeError where it is dead already.

    A parent that was killed can tell nobody, and a child stuck in a driver would not read the end of its
    wire; the camera would stay busy for the next start.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise EdgeError(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        raise EdgeError("the parent is gone")
