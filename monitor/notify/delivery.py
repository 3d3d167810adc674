"""Messages on their way: by apprise, to each target by itself, so that one that fails does not make others repeat.

Targets are secrets: their addresses contain tokens. Here they have names: the service's short word, numbered where
there are several. apprise is imported when there is something to send and never otherwise.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from monitor.settings import Secret

TIMEOUT_SECONDS = 20
SHORTEST_SECRET = 4
LONGEST_FAILURE = 300
SENDER = "Portfolio monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where messages go."""

    name: str  # "tgram", "mailtos", "json 2": shows nothing secret
    url: Secret


def name_targets(urls: Iterable[Secret]) -> tuple[Target, ...]:
    """The targets of the settings."""
    seen: Counter[str] = Counter()
    targets = []
    for url in urls:
        service = url.value.partition("://")[0].lower()
        seen[service] += 1
        name = service if seen[service] == 1 else f"{service} {seen[service]}"
        targets.append(Target(name=name, url=url))
    return tuple(targets)


def send(target: Target, title: str, body: str, *, is_alarm: bool) -> str:
    """Send one message; returns why it failed, without anything of the target's address, or an empty text."""
    from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

    _silence("apprise", "urllib3")
    post = Apprise(asset=AppriseAsset(app_id=SENDER, app_desc=SENDER, async_mode=False))
    if not post.add(target.url.value):
        return f"NOTIFY_URLS: apprise does not understand this {target.name} address"
    sent = post.notify(
        body=body,
        title=title,
        notify_type=NotifyType.WARNING if is_alarm else NotifyType.INFO,
        body_format=NotifyFormat.TEXT,
        timeout=TIMEOUT_SECONDS,
    )
    if sent:
        return ""
    said = " ".join(entry.message for entry in sent.logs()) or "no reason was given"
    return redact(said, target.url)[:LONGEST_FAILURE]


def redact(text: str, url: Secret) -> str:
    """`text` without any part of `url` but its service's word."""
    parts = re.split(r"[/:@?&=#,+\s]+", url.value.partition("://")[2])
    plain = {unquote(part) for part in parts}
    hidden = {
        form for form in plain.union(parts, (quote(part, safe="") for part in plain)) if len(form) >= SHORTEST_SECRET
    }
    for part in sorted(hidden, key=len, reverse=True):
        text = re.sub(re.escape(part), "…", text, flags=re.IGNORECASE)  # host names come back in small letters
    return text


def _silence(*names: str) -> None:
    """Keep libraries from writing addresses to our output."""
    for name in names:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.handlers = logger.handlers or [logging.NullHandler()]


def join_messages(messages: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Title and body of one sending that carries `messages`, each of a title and a body."""
    if len(messages) == 1:
        return messages[0]
    return f"{SENDER}: {len(messages)} messages", "\n\n".join(f"{title}\n{body}" for title, body in messages)
