"""`python -m monitor.notify.sender`: one sending to one target, in a process of its own. `delivery` starts it.

Whatever the target does costs this process alone: it has a time to live, little memory, and none of our settings. The
address and the message come on standard input, in a line of JSON, and its end is ours; what goes back is one line: {"failure": TEXT}, where
an empty text means that the message was taken.

A target may answer a status and a little text: everything that apprise asks over HTTP goes through here, and this process
follows none of its targets' requests to ask somewhere else, to unpack anything, or to hold more than a little.
"""

import json
import logging
import os
import re
import resource
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from monitor.notify.redaction import LONGEST_FAILURE, redact
from sql.process import end_with_input, forbid_core_dumps
from sql.vault import Secret

SENDER = "Portfolio monitor"
MEMORY_BYTES = 400_000_000  # of addresses; apprise itself takes 70 MB
LONGEST_SECONDS = 30  # for one sending
TOO_LONG = f"its answer takes more than {MEMORY_BYTES // 1_000_000} MB of memory"
MOST_BYTES = 65_536
BODY_SECONDS = 3.0  # the status says whether the message was taken: nobody waits long for what comes after it


def main() -> None:
    """Send what standard input says, and print how it went."""
    forbid_core_dumps()
    signal.alarm(LONGEST_SECONDS)  # ends this process even if nobody is there to do so, and whatever it waits for
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, LONGEST_SECONDS)
    order = json.loads(sys.stdin.buffer.readline())
    end_with_input()
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
    with suppress(ValueError, OSError):  # macOS has no such limit of memory
        resource.setrlimit(what, (least, least))


def _send(url: str, title: str, body: str, *, is_alarm: bool) -> str:
    """Send one message; returns why it failed, or an empty text."""
    from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

    from monitor.notify.sender import restrict_answers

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
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:  # not on Linux
        return False
    peak = re.search(r"VmHWM:\s*(\d+) kB", status)
    return peak is not None and int(peak[1]) * 1024 > MEMORY_BYTES // 2


def _silence(*names: str) -> None:
    """Keep libraries from writing addresses to our output."""
    for name in names:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.handlers = logger.handlers or [logging.NullHandler()]


def restrict_answers() -> list[str]:
    """Restrict `requests` in this process from now on; returns the list that will say which answers were refused."""
    from requests.adapters import HTTPAdapter  # heavy: imported to send and never otherwise
    from requests.exceptions import RequestException

    refused: list[str] = []
    send = HTTPAdapter.send

    def send_restricted(adapter: HTTPAdapter, request: Any, *arguments: Any, **named: Any) -> Any:
        request.headers["Accept-Encoding"] = "identity"
        answer = send(adapter, request, *arguments, **named)
        if 300 <= answer.status_code < 400:
            answer.close()
            refused.append(_describe_redirect(answer.status_code))
            raise RequestException(refused[-1])
        _read_little(answer)
        return answer

    HTTPAdapter.send = send_restricted  # type: ignore[method-assign, assignment]
    return refused


def _describe_redirect(status: int) -> str:
    return (
        f"it answers with a redirect (HTTP {status}), which is not followed: it would carry the message and its token "
        "elsewhere. If the service has moved, put its new address into NOTIFY_URLS"
    )


def _read_little(answer: Any) -> None:
    """Let `answer` be read as far as it is short and quick, as it came: packed text stays packed."""
    from urllib3.exceptions import HTTPError

    until, body = time.monotonic() + BODY_SECONDS, b""
    try:
        while len(body) < MOST_BYTES and time.monotonic() < until:
            part = answer.raw.read1(MOST_BYTES - len(body), decode_content=False)
            if not part:
                break
            body += part
    except HTTPError:
        pass  # it broke off: what came before decides
    answer.close()  # before it counts as read: its connection is then closed, not used again
    answer._content, answer._content_consumed = body, True


if __name__ == "__main__":
    main()
