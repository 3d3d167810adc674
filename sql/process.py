"""What every program of ours does first."""

import os
import resource
import signal
import threading

from sql.environment import process_environment

ENDS_WITH_INPUT = "ENDS_WITH_INPUT"  # set by whoever starts a program and holds the other end of its standard input


def begin_program() -> None:
    """Leave no core dump, and end with whoever started this program to end with it."""
    forbid_core_dumps()
    if ENDS_WITH_INPUT in process_environment():
        end_with_input()


def forbid_core_dumps() -> None:
    """Let neither this process nor what it starts leave keys and passwords in a core dump when it crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with_input() -> None:
    """Let this process end when its standard input does: who holds the other end is gone then, killed or not.

    Every system has pipes; a signal at a parent's death (prctl) only Linux has.
    """
    threading.Thread(target=_await_end, name="parent", daemon=True).start()


def _await_end() -> None:
    while os.read(0, 1_024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
