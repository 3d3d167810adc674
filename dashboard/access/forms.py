"""What a login form may send, and where it may lead."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

FORM = "application/x-www-form-urlencoded"
MOST_BYTES, MOST_FIELDS = 4_096, 4
TARGET = re.compile(r"(/[a-z/-]*)(\?[A-Za-z0-9%&=+.,:_~-]{1,1000})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A login form that was sent."""

    password: str
    target: str  # where to go then, as it was sent


class BadForm(Exception):
    """What was sent is no login form; `status` is what to answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_form(headers: Mapping[bytes, bytes], receive: Any) -> Form:
    """The form in a request's body. Raises BadForm; no more of the body is read than a form may have."""
    kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    if kind != FORM:
        raise BadForm(415, "The login takes the form of its page.")
    body, is_whole = b"", False
    while not is_whole:
        message = await receive()
        if message["type"] != "http.request":
            raise BadForm(400, "The login broke off.")
        body += message.get("body", b"")
        is_whole = not message.get("more_body")
        if len(body) > MOST_BYTES:
            raise BadForm(413, "That is too long for a login.")
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        (password,) = fields["password"]
    except (ValueError, KeyError):
        raise BadForm(400, "That is no login form. Use the one of the page.") from None
    return Form(password=password, target=fields.get("next", [""])[0])


def find_next(query: bytes) -> str:
    """The address that a login's own address names to go on to; empty where there is none."""
    try:
        return parse_qs(query.decode("ascii"), max_num_fields=MOST_FIELDS).get("next", [""])[0]
    except ValueError:
        return ""


def find_target(asked: str, pages: AbstractSet[str]) -> str:
    """Where a login leads: the page that was asked for if it is one of ours, else the first page."""
    found = TARGET.fullmatch(asked)
    return asked if found and found[1] in pages else "/"
