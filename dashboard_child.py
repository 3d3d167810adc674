"""The dashboard's process, as the scheduler keeps it: alive, and answering."""

import logging
import math
import os
import signal
import subprocess
from dataclasses import dataclass

from children import OUTCOMES, end, is_answered, start_python

NEVER = math.inf
LONGEST_BACKOFF_SECONDS = 60.0
LIVED_SECONDS = 60.0  # a dashboard that lived so long starts again without waiting
ASK_SECONDS = 30.0  # between two questions whether it answers
ANSWER_SECONDS = 2.0  # that it has: meanwhile nothing else is looked at
MOST_UNANSWERED = 3
ANY_PORT = "0"  # the system chooses: where to ask is not known
log = logging.getLogger("run_forever")


@dataclass(slots=True)
class Dashboard:
    """The dashboard's process, started again when it dies: after 1, 2, 4 ... 60 s if it dies at once.

    One that lives and answers nobody is ended; one whose database is away answers that.
    """

    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    backoff_seconds: float = 1.0
    next_start_at: float = 0.0
    address: tuple[str, str] = ("127.0.0.1", ANY_PORT)
    asked_at: float = 0.0
    unanswered: int = 0

    @property
    def has_died(self) -> bool:
        """Whether it ran and is gone."""
        return self.child is not None and self.child.poll() is not None

    @property
    def is_waiting(self) -> bool:
        """Whether it is to be started soon."""
        return self.child is None and self.next_start_at < NEVER

    def keep_alive(self, now: float) -> None:
        """Start it if it does not run and its time has come; `now` is monotonic."""
        if self.has_died and self.child:
            lived = now - self.started_at >= LIVED_SECONDS
            self.backoff_seconds = 1.0 if lived else min(2 * self.backoff_seconds, LONGEST_BACKOFF_SECONDS)
            self.next_start_at = now + self.backoff_seconds
            how = OUTCOMES.get(self.child.returncode, f"exit code {self.child.returncode}")
            log.warning("Dashboard ended (%s); again in %.0f s.", how, self.backoff_seconds)
            self.child = None
        if self.child is None and now >= self.next_start_at:
            self.child, self.started_at = start_python("-m", "dashboard"), now
            self.asked_at, self.unanswered = now, 0
        if self.child and now - self.asked_at >= ASK_SECONDS:
            self.asked_at = now
            self._end_deaf(self.child)

    def _end_deaf(self, child: subprocess.Popen[bytes]) -> None:
        host, port = self.address
        if port == ANY_PORT or is_answered(host, int(port), "/health", ANSWER_SECONDS):
            self.unanswered = 0
            return
        self.unanswered += 1
        log.warning("The dashboard did not answer within %.0f s (%d in a row).", ANSWER_SECONDS, self.unanswered)
        if self.unanswered >= MOST_UNANSWERED and child.poll() is None:
            log.error("The dashboard answers nobody: it is ended and started anew.")
            os.killpg(child.pid, signal.SIGKILL)  # it only reads; gently, a hanging one would keep us waiting

    def stop(self) -> None:
        """End it for good."""
        if self.child and self.child.poll() is None:
            end(self.child)
