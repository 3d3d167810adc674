"""Who tries too often is stopped, in a table that does not grow; and whose address counts."""

from collections import defaultdict
from datetime import datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paper.users.attempts import Window, watch_passwords
from paper.users.refusals import TooMany
from serving.addresses import find_client, find_house
from tests.paper.users.people import MOMENT, NOW

QUARTER = timedelta(minutes=15)


def is_counted(window: Window, whom: str, now: datetime) -> bool:
    seconds = 0
    try:
        window.count(whom, now)
    except TooMany as refused:
        seconds = refused.seconds
    assert 0 <= seconds <= QUARTER.total_seconds()
    return seconds == 0


def test_ten_wrong_passwords_in_a_quarter_of_an_hour() -> None:
    watch = watch_passwords()

    assert [is_counted(watch, "ann 1", NOW) for _ in range(12)] == [True] * 10 + [False] * 2
    assert is_counted(watch, "ann 2", NOW) and is_counted(watch, "bob 1", NOW)
    assert not is_counted(watch, "ann 1", NOW + QUARTER - MOMENT) and is_counted(watch, "ann 1", NOW + QUARTER)
    watch.forget("ann 2")
    assert [is_counted(watch, "ann 2", NOW) for _ in range(11)] == [True] * 10 + [False]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 400)), max_size=60))
@settings(max_examples=100)
def test_no_window_of_time_holds_more_than_its_most(steps: list[tuple[str, int]]) -> None:
    watch, now = Window(3, QUARTER, "too many"), NOW
    let: defaultdict[str, list[datetime]] = defaultdict(list)
    for whom, seconds in steps:
        now += timedelta(seconds=seconds)
        recent = [at for at in let[whom] if at > now - QUARTER]
        assert is_counted(watch, whom, now) == (len(recent) < 3)
        if len(recent) < 3:
            let[whom].append(now)


def test_the_table_does_not_grow() -> None:
    watch = Window(1, QUARTER, "too many", known=100)
    for number in range(500):
        watch.count(str(number), NOW)
        assert not is_counted(watch, "0", NOW)  # who is locked out and goes on trying is not forgotten for it

    assert len(watch) <= 100 and not is_counted(watch, "0", NOW)


PROXIES = frozenset({ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32")})


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", ["1.1.1.1"], "203.0.113.7"),  # nobody named it a proxy
        ("127.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("::ffff:127.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("127.0.0.1", ["9.9.9.9, 1.1.1.1"], "1.1.1.1"),  # what stands before it anybody may have written
        ("127.0.0.1", ["9.9.9.9", "1.1.1.1, 10.0.0.3"], "1.1.1.1"),
        ("127.0.0.1", ["10.0.0.4, 10.0.0.3"], "10.0.0.4"),
        ("127.0.0.1", ["1.1.1.1, nonsense"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("", ["1.1.1.1"], ""),
    ],
)
def test_the_client_behind_named_proxies(peer: str, forwarded: list[str], client: str) -> None:
    assert find_client(peer, forwarded, PROXIES) == client
    assert find_client(peer, forwarded, frozenset()) == peer


@given(st.text(max_size=100))
def test_what_is_no_address_breaks_nothing(text: str) -> None:
    assert find_client("127.0.0.1", [text], PROXIES) and len(find_house(text)) <= 64
