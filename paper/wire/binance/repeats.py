"""Orders that come twice, to the byte: the answer is the first one again, and nothing is done a second time."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from paper.wire.binance.request import Wanted
from paper.wire.refusal import Refusal

VALID = timedelta(seconds=61)  # a stamp a second ahead, with the longest window
MOST = 100_000


class Repeats:
    """What was answered, for as long as the same request may come again."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str, str], tuple[datetime, Any]] = OrderedDict()

    def once(self, wanted: Wanted, now: datetime, answer: Callable[[], Any]) -> Any:
        """The answer, made now or the first time. Raises Refusal, if that was it.

        Only what is signed comes again by itself: on a connection that has proven its key every request is one of its own.
        """
        if wanted.is_trusted:
            return answer()
        self._forget(now)
        name = (wanted.key, wanted.payload, wanted.parameters["signature"])
        if name not in self._answers:
            self._answers[name] = (now, _try(answer))
        found = self._answers[name][1]
        if isinstance(found, Refusal):
            raise found
        return found

    def _forget(self, now: datetime) -> None:
        while self._answers:
            at, _ = next(iter(self._answers.values()))
            if now - at <= VALID and len(self._answers) < MOST:
                return
            self._answers.popitem(last=False)


def _try(answer: Callable[[], Any]) -> Any:
    try:
        return answer()
    except Refusal as refusal:
        return refusal
