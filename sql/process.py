"""What every program of ours does first."""

import resource


def forbid_core_dumps() -> None:
    """Let neither this process nor what it starts leave keys and passwords in a core dump when it crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
