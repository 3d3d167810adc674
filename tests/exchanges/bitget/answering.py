"""A connection to Bitget without a network: bodies that a test gives, judged and read as the real connection does it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.bitget.dialect import DIALECT
from monitor.exchanges.http.capture import Response
from monitor.exchanges.http.connection import Endpoint
from monitor.exchanges.http.failures import judge_answer, raise_failure
from monitor.exchanges.http.fields import FAULTS, read_json

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
Body = Callable[[str, dict[str, Any]], str]


class Answering:
    """Gives every call the body that `answer` makes of its path and parameters."""

    def __init__(self, answer: Body, now: datetime = NOW, status: int = 200) -> None:
        self._answer = answer
        self._now = now
        self._status = status
        self.switched_at: datetime | None = None
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def now(self) -> datetime:
        """The exchange's time."""
        return self._now

    async def call(self, endpoint: Endpoint, doing: str, read: Callable[[Any], Any], **asked: Any) -> Any:
        """What `read` makes of the body."""
        self.calls.append((endpoint.path, asked))
        response = Response(status=self._status, body=self._answer(endpoint.path, asked))
        if failed := judge_answer(response, DIALECT, self._now):
            raise_failure(doing, failed, 1, DIALECT, self._now)
        try:
            answer = read_json(response.body)
            return read(DIALECT.unwrap(endpoint, answer) if DIALECT.unwrap else answer)
        except FAULTS as fault:
            raise ExchangeUnavailable(f"{doing}: {fault}") from fault


def envelope(data: Any) -> str:
    """An answer that says success."""
    return json.dumps({"code": "00000", "msg": "success", "requestTime": 1772330400000, "data": data})
