"""What a failed sending may say: nothing of the target's address, which contains tokens."""

import re
from urllib.parse import quote, unquote

from sql.vault import Secret

SHORTEST_SECRET = 4
LONGEST_FAILURE = 300


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
