"""A connection to MEXC without a network: bodies that a test gives, judged and read as the real connection does it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.http.capture import Response
from monitor.exchanges.http.connection import Endpoint
from monitor.exchanges.http.failures import judge_answer, raise_failure
from monitor.exchanges.http.fields import FAULTS, read_json
from monitor.exchanges.mexc.dialect import DIALECT
from sql.vault import Secret

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)


class Answering:
    """Gives every call the body that `answer` makes of its path and parameters."""

    key = Secret("mx0")

    def __init__(
        self, answer: Callable[[str, dict[str, Any]], str], now: datetime = NOW, status: int = 200, **headers: str
    ) -> None:
        self.kept: dict[str, Any] = {}
        self._answer = answer
        self._now = now
        self._status = status
        self._headers = headers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def now(self) -> datetime:
        """The exchange's time."""
        return self._now

    async def call(self, endpoint: Endpoint, doing: str, read: Callable[[Any], Any], **asked: Any) -> Any:
        """What `read` makes of the body."""
        self.calls.append((endpoint.path, asked))
        response = Response(status=self._status, body=self._answer(endpoint.path, asked), headers=self._headers)
        if failed := judge_answer(response, DIALECT, self._now):
            raise_failure(doing, failed, 1, DIALECT, self._now)
        try:
            answer = read_json(response.body)
            assert DIALECT.unwrap
            return read(DIALECT.unwrap(endpoint, answer))
        except FAULTS as fault:
            raise ExchangeUnavailable(f"{doing}: {fault}") from fault


def say(path: str, answers: dict[str, Any]) -> str:
    """The body of a path, whose end may be a symbol."""
    known = path if path in answers else path.rpartition("/")[0]
    return json.dumps(answers[known])
