"""Several accounts at prices that stand: whatever is sent between them and from outside, every unit price stays 100."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from urllib.error import HTTPError

from monitor.errors import AccountError
from monitor.performance.verification import verify
from tests.audit.comparing import is_near
from tests.market import SteppedMarket, at
from tests.monitor.test_portfolios import make, order
from tests.venue import RunningVenue
from tests.worker import Worker

NAMES = ("one", "two", "three")
PRICES = {"BTCUSDT": "60000.00", "ETHUSDT": "3000.00", "BNBUSDT": "600.00", "SOLUSDT": "150.00"}
PAR = Fraction(100)
VALUED = ("COMPLETE", "RECONSTRUCTED")


def write_opening() -> str:
    """The story's beginning."""
    return "".join(
        f"+0m account {name} key key-{name}-0123456789 secret secret-{name}-0123456789\n"
        "+0m deposit 50000 USDT\n+0m deposit 2 BTC\n"
        for name in NAMES
    )


def standing_market(start: datetime) -> SteppedMarket:
    """Its prices stand."""
    return SteppedMarket(start, {symbol: [at("0:00", price)] for symbol, price in PRICES.items()})


def live_together(random: Random, venue: RunningVenue, worker: Worker, start: datetime, hours: int) -> None:
    """Hours in which accounts join, are read minutes apart or not at all, and money moves in between."""
    joins = {"one": 1, "two": 1, "three": random.choice([1, 3, 5])}
    for hour in range(1, hours + 1):
        for name in (name for name in NAMES if joins[name] == hour):
            worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
        _live_hour(random, venue, worker.run, start + timedelta(hours=hour))
        _regroup(random, venue, worker, hour)
    for extra in range(1, 7):  # until everything was told and every hour tried again
        venue.set_clock(start + timedelta(hours=hours + extra, minutes=2))
        worker.run(venue.now())


def _regroup(random: Random, venue: RunningVenue, worker: Worker, hour: int) -> None:
    """A portfolio of two, and now and then one that joins or leaves it, from the next hour on or an earlier one."""
    if hour == 2:
        make(worker, venue)
    if hour < 3 or random.random() < 0.4:
        return
    present = venue.now().replace(minute=0, second=0, microsecond=0)
    since = present + timedelta(hours=random.choice([1, 1, 0, -1, -2]))
    change = random.choice(["--add", "--remove"])
    with suppress(AccountError):  # it is a member then already, or it is none
        order(worker, venue, "portfolio", "members", "pair", change, random.choice(NAMES), "--since", since.isoformat())


def _live_hour(random: Random, venue: RunningVenue, run: Callable[[datetime], object], hour: datetime) -> None:
    first = hour + timedelta(minutes=2, seconds=random.randrange(50))
    second = first + timedelta(minutes=random.randint(1, 20), seconds=random.randrange(60))
    is_apart, is_unread = random.random() < 0.7, random.random() < 0.3
    absent = random.choice(NAMES) if is_apart or is_unread else ""
    venue.set_clock(first)
    if absent:
        venue.do("revoke", absent)
    run(venue.now())
    _move(random, venue, first, second)
    venue.set_clock(second)
    if absent:
        venue.do("restore", absent)
    if is_apart:
        run(venue.now())
    _move(random, venue, second, second + timedelta(minutes=30))


def _move(random: Random, venue: RunningVenue, since: datetime, until: datetime) -> None:
    """One to three movements; what the venue refuses does not happen."""
    length = int((until - since).total_seconds())
    for second in sorted(random.randrange(1, length) for _ in range(random.randrange(1, 4))):
        name = random.choice(NAMES)
        venue.set_clock(since + timedelta(seconds=second))
        with suppress(HTTPError):
            venue.do(_write_move(random, name), name)


def _write_move(random: Random, name: str) -> str:
    what = random.choice([f"{random.randint(100, 4000)} USDT", f"0.{random.randint(1, 9)} BTC"])
    other = random.choice([one for one in NAMES if one != name])
    return random.choice(
        [
            f"deposit {what}" + random.choice(["", "", f" shown after {random.randrange(10, 200)}m"]),
            f"withdraw {what} fee 0" + random.choice(["", f" completed after {random.randrange(2, 90)}m"]),
            *[f"send {what} to {other} fee 0 arriving after {random.choice([0, 0, 3, 30, 100])}m"] * 3,
        ]
    )


def list_impossible(worker: Worker) -> Iterator[str]:
    """What can't be while no price moves."""
    for account in range(-1, len(NAMES) + 1):
        for row in (row for row in worker.hours(account) if row["status"] in VALUED):
            if not is_near(row["unit_price"], PAR) or row["nav"] != row["invested"]:
                yield f"{account} {row['hour']} {row['unit_price']}: {row['nav']}, invested {row['invested']}"
        for flow in worker.rows("select * from flow_valuations where account_id = %(a)s", a=account):
            if not is_near(flow["unit_price"], PAR):
                yield f"{account} flow {flow['occurred_at']} {flow['value']} at {flow['unit_price']}"
    yield from (
        f"{row['hour']}: {row['cause']}" for row in worker.rows("select * from explanations where residual <> 0")
    )
    yield from map(str, verify(worker.db).differences)
