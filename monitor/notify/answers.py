"""What an alert target may answer: a status and a little text. Everything that apprise asks over HTTP goes through here.

Used in the sending process alone, which follows none of its targets' requests to ask somewhere else, to unpack anything, or to
hold more than a little.
"""

import time
from typing import Any

MOST_BYTES = 65_536
BODY_SECONDS = 3.0  # the status says whether the message was taken: nobody waits long for what comes after it


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
