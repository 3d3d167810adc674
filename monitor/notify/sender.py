"""`python -m monitor.notify.sender`: one sending to one target, in a process of its own. `delivery` starts it.

Whatever the target does costs this process alone: it has a time to live, little memory, and none of our settings. The
address and the message come on standard input, in one JSON object; what goes back is one line: {"failure": TEXT}, where
an empty text means that the message was taken.
"""

import json
import logging
import os
import re
import resource
import signal
import sys
from pathlib import Path

from monitor.notify.redaction import LONGEST_FAILURE, redact
from sql.process import die_with_parent, forbid_core_dumps
from sql.vault import Secret

SENDER = "Portfolio monitor"
MEMORY_BYTES = 400_000_000  # of addresses; apprise itself takes 70 MB
LONGEST_SECONDS = 30  # for one sending
TOO_LONG = f"its answer takes more than {MEMORY_BYTES // 1_000_000} MB of memory"


def main() -> None:
    """Send what standard input says, and print how it went."""
    forbid_core_dumps()
    die_with_parent()
    signal.alarm(LONGEST_SECONDS)  # ends this process even if nobody is there to do so, and whatever it waits for
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, LONGEST_SECONDS)
    order = json.loads(sys.stdin.buffer.read())
    signal.setitimer(signal.ITIMER_REAL, min(order["seconds"], LONGEST_SECONDS))
    try:
        failure = _send(order["url"], order["title"], order["body"], is_alarm=order["is_alarm"])
    except MemoryError:
        failure = TOO_LONG
    print(json.dumps({"failure": redact(failure, Secret(order["url"]))[:LONGEST_FAILURE]}), flush=True)
    os._exit(0)  # nothing that a service left running keeps us


def _limit(what: int, most: int) -> None:
    """Let this process have `most` of something, or what it is allowed already if that is less."""
    allowed = resource.getrlimit(what)[1]
    least = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
    resource.setrlimit(what, (least, least))


def _send(url: str, title: str, body: str, *, is_alarm: bool) -> str:
    """Send one message; returns why it failed, or an empty text."""
    from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

    from monitor.notify.answers import restrict_answers

    _silence("apprise", "urllib3")
    refused = restrict_answers()
    post = Apprise(asset=AppriseAsset(app_id=SENDER, app_desc=SENDER, async_mode=False))
    if not post.add(url):
        return f"NOTIFY_URLS: apprise does not understand this {url.partition('://')[0].lower()} address"
    kind = NotifyType.WARNING if is_alarm else NotifyType.INFO
    sent = post.notify(body=body, title=title, notify_type=kind, body_format=NotifyFormat.TEXT)
    if sent:
        return ""
    said = " ".join(refused or [entry.message for entry in sent.logs()])
    return TOO_LONG if _is_memory_used_up() else said or "no reason was given"


def _is_memory_used_up() -> bool:
    """Whether this process took far more memory than a message needs: that it ran out, apprise does not say."""
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii", errors="replace"))
    return peak is not None and int(peak[1]) * 1024 > MEMORY_BYTES // 2


def _silence(*names: str) -> None:
    """Keep libraries from writing addresses to our output."""
    for name in names:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.handlers = logger.handlers or [logging.NullHandler()]


if __name__ == "__main__":
    main()
