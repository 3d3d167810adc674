"""The rebuilding of past hours, as the scheduler runs it: between the hours, and never in their way."""

import logging
import subprocess
from dataclasses import dataclass
from datetime import timedelta

from children import end, start_python

FOR_SECONDS = 240
LEFT = timedelta(minutes=5)  # before the next run, at least
AGAIN_SECONDS = 10.0  # after one that has more to do; meanwhile others have the lock
FAILED_SECONDS = 600.0  # after one that failed: the exchange or the database may be away
LATE_SECONDS = 45.0  # that it may take longer than it was asked to
MORE, FAILED, BUSY = 1, 4, 75
log = logging.getLogger("run_forever")


@dataclass(slots=True)
class Backfill:
    """Its process: started after a run while something is left to rebuild, and ended if it does not end itself."""

    is_on: bool = True
    is_wanted: bool = False  # since a run ended, or because more is left
    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    next_start_at: float = 0.0

    def keep_going(self, now: float, next_run_in: timedelta) -> None:
        """Start it, or see how it ended; `now` is monotonic."""
        if self.child and self.child.poll() is not None:
            code, self.child = self.child.returncode, None
            self.is_wanted |= code in (MORE, FAILED, BUSY)
            self.next_start_at = now + (FAILED_SECONDS if code == FAILED else AGAIN_SECONDS)
        if self.child and now - self.started_at > FOR_SECONDS + LATE_SECONDS:
            log.error("The rebuilding of history is ended after %.0f s; it goes on later.", now - self.started_at)
            end(self.child)
        if self.child is None and self.is_on and self.is_wanted and next_run_in >= LEFT and now >= self.next_start_at:
            self.child = start_python("-m", "monitor", "backfill", "--all", "--for", str(FOR_SECONDS))
            self.started_at, self.is_wanted = now, False

    def stop(self) -> None:
        """End it for good; what is rebuilt stays."""
        if self.child and self.child.poll() is None:
            end(self.child)
