"""Answers are made once, bounded, and never cached when they could not be made."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import numpy as np
import pytest

from dashboard.cache import Cache, make_response, weigh


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Something that pages are made from."""

    part: object


def test_readers_of_a_new_answer_wait_for_one_maker() -> None:
    cache: Cache[int] = Cache(10)
    made: list[int] = []
    go = Event()

    def make() -> int:
        go.wait(10)
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(cache.get, "key", make) for _ in range(8)]
        go.set()
        assert [answer.result() for answer in answers] == [1] * 8


def test_one_answer_in_the_making_keeps_nobody_from_another() -> None:
    cache: Cache[str] = Cache(10)
    go = Event()
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(cache.get, "slow", lambda: "slow" if go.wait(10) else "never")
        assert cache.get("quick", lambda: "quick") == "quick"
        go.set()
        assert slow.result() == "slow"


def test_what_failed_is_made_again() -> None:
    cache: Cache[str] = Cache(10)

    def fail() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        cache.get("key", fail)
    assert cache.get("key", lambda: "made") == "made"


def test_the_least_recently_used_is_forgotten_by_weight() -> None:
    cache: Cache[str] = Cache(10, len)
    for name in ("aaaa", "bbbb"):
        cache.get(name, lambda name=name: name)  # type: ignore[misc]
    cache.get("aaaa", lambda: "made again")
    cache.get("cccc", lambda: "cccc")

    assert cache.get("aaaa", lambda: "made again") == "aaaa"
    assert cache.get("bbbb", lambda: "made again") == "made again"


def test_a_value_weighs_what_it_holds_and_that_once() -> None:
    array = np.zeros(100_000)
    row = {"depths": array, "again": [array], "text": "x" * 50_000}
    assert 850_000 < weigh({"rows": [row, row], "choice": Weighed(part=row)}) < 860_000


def test_an_answer_knows_its_compressed_form_and_its_tag() -> None:
    answer, other = make_response(b"figure " * 500, "text/plain"), make_response(b"other", "text/plain")

    assert gzip.decompress(answer.zipped) == answer.body
    assert other.zipped == b"" and answer.etag != other.etag
