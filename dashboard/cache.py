"""Responses that stay true are made once: cached in memory, bounded, each made by one reader while the others wait."""

import gzip
import hashlib
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

Kind = TypeVar("Kind")
WORTH_ZIPPING = 1_000
ALONE = frozenset({int, float, bool, str, bytes, type(None), Decimal, datetime, np.ndarray})  # hold nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedResponse:
    """A body as it is sent, with its compressed form and its ETag."""

    body: bytes
    media_type: str
    zipped: bytes
    etag: str

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return len(self.body) + len(self.zipped)


def make_response(body: bytes, media_type: str) -> CachedResponse:
    """The response with `body`."""
    zipped = gzip.compress(body, 6, mtime=0) if len(body) >= WORTH_ZIPPING else b""
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    return CachedResponse(body=body, media_type=media_type, zipped=zipped, etag=etag)


def weigh(value: object) -> int:
    """Bytes of memory that a value of rows, figures and arrays needs, all that it holds included."""
    total, seen, left = 0, set(), [value]
    while left:
        found = left.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        total += found.nbytes if isinstance(found, np.ndarray) else sys.getsizeof(found)
        if type(found) not in ALONE:
            left += _hold(found)
    return total


def _hold(value: object) -> Iterable[object]:
    if isinstance(value, (list, tuple, set, frozenset)):
        return value
    if isinstance(value, Mapping):
        return [*value, *value.values()]
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, part.name) for part in fields(value)]
    return ()


@dataclass(slots=True)
class _Slot(Generic[Kind]):
    lock: Lock = field(default_factory=Lock)
    value: Kind | None = None


class Cache(Generic[Kind]):
    """Values by key; the least recently used are forgotten when they weigh more than `most` together."""

    def __init__(self, most: int, weigh: Callable[[Kind], int] = lambda _: 1) -> None:
        self._most, self._weigh = most, weigh
        self._slots: OrderedDict[Hashable, _Slot[Kind]] = OrderedDict()
        self._lock = Lock()
        self._weight = 0

    def get(self, key: Hashable, make: Callable[[], Kind]) -> Kind:
        """The value of `key`, made if it is new; whatever `make` raises is raised and not cached."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
        with slot.lock:
            if slot.value is None:
                self._fill(key, slot, make)
            assert slot.value is not None
            return slot.value

    def recall(self, key: Hashable) -> Kind | None:
        """The value of `key`; None where it is not made yet."""
        with self._lock:
            slot = self._slots.get(key)
            if slot is not None:
                self._slots.move_to_end(key)
        return slot.value if slot else None

    def _fill(self, key: Hashable, slot: _Slot[Kind], make: Callable[[], Kind]) -> None:
        try:
            slot.value = make()
        finally:
            self._settle(key, slot)

    def _settle(self, key: Hashable, slot: _Slot[Kind]) -> None:
        """Count a filled slot, drop an empty one, and forget what is too much."""
        with self._lock:
            if self._slots.get(key) is not slot:
                return
            if slot.value is None:
                del self._slots[key]
                return
            self._weight += self._weigh(slot.value)
            while self._weight > self._most and len(self._slots) > 1:
                _, forgotten = self._slots.popitem(last=False)
                self._weight -= self._weigh(forgotten.value) if forgotten.value is not None else 0
