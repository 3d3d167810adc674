"""What every program of ours does first."""

import ctypes
import resource
import signal

PR_SET_PDEATHSIG = 1


def forbid_core_dumps() -> None:
    """Let neither this process nor what it starts leave keys and passwords in a core dump when it crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with_parent() -> None:
    """Let Linux end this process when its parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
