"""The states that pages can be in, each recorded by the worker as a paper exchange showed it."""

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from monitor.commands.backfill import run_backfill
from monitor.recovery.store.rebuildings import Rebuilding, record_rebuilding
from sql.vault import Credentials, Secret
from tests.dashboard.site import Site
from tests.postgres import Database, Server, open_database
from tests.venue import KEY, MARKET, SECRET, RunningVenue, Unlimited
from tests.worker import Worker, workers_on

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
READ_AT = timedelta(minutes=2)
DEMO = Path(__file__).parents[2] / "paper" / "demo.story"
DEMO_DAYS, DEMO_SHOWN = 365, 60
TEN = 10
LONG_LABEL = "Long-term holdings and the grid bot of account number {number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A paper exchange, the worker that reads it, and a dashboard over what it recorded."""

    venue: RunningVenue
    worker: Worker
    site: Site

    def read(self) -> None:
        """One run."""
        self.worker.run(self.venue.now())

    def live(self, *events: str, account: str = "test") -> None:
        """An hour for each event, and its run; an empty one is quiet."""
        for event in events:
            self.venue.advance(minutes=30)
            if event:
                self.venue.do(event, account)
            self.venue.advance(minutes=30)
            self.read()

    def rebuild(self, days: int) -> None:
        """What was before the first reading."""
        now = self.venue.now()
        asked = Namespace(all=False, since=now - days * DAY, until=None, account=None, again=False)
        run_backfill(self.worker.db, self.worker.settings, asked, now)


@dataclass
class Stages:
    """Opens stages on one server, with one master key; the demo's is rebuilt once."""

    server: Server
    folder: Path
    demo: Database | None = None
    _opened: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def open(self, story: str, lived: timedelta, template: str = "portfolio") -> Iterator[Stage]:
        """A stage whose story has gone on for so long."""
        with open_database(self.server, template) as database, self._on(database, story, lived) as stage:
            yield stage

    @contextmanager
    def open_demo(self) -> Iterator[Stage]:
        """The demo: four accounts at four exchanges, and two months of them."""
        story, lived = DEMO.read_text("utf-8"), DEMO_DAYS * DAY
        if self.demo is None:
            made = self._opened.enter_context(open_database(self.server))
            with self._on(made, story, lived) as stage:
                for label, exchange, credentials in find_accounts(story):
                    stage.worker.add_at(exchange, label, credentials)
                stage.read()
                stage.rebuild(DEMO_SHOWN)
                histories = stage.worker.rows("select count(*) as hours from nav_history group by account_id")
            assert min(history["hours"] for history in histories) > 24, "the machine is too busy to rebuild the demo"
            self.demo = made
        with self.open(story, lived, self.demo.name) as stage:
            yield stage

    @contextmanager
    def _on(self, database: Database, story: str, lived: timedelta) -> Iterator[Stage]:
        venue = RunningVenue(MARKET, story, START - lived, START + READ_AT)
        for dialect in venue.exchange.dialects.values():
            dialect.limits = Unlimited()
        with workers_on(database, self.folder) as open_worker:
            site = Site(database.dashboard_url, venue.now)
            try:
                worker = open_worker(venue)
                worker.settings = replace(worker.settings, call_timeout_seconds=30, account_deadline_seconds=300)
                yield Stage(venue=venue, worker=worker, site=site)
            finally:
                site.server.should_exit = True
                venue.stop()

    def close(self) -> None:
        """Drop what was kept."""
        self._opened.close()


def find_accounts(story: str) -> Iterator[tuple[str, str, Credentials]]:
    """Label, exchange and credentials of the accounts of a story."""
    for words in (line.split() for line in story.splitlines()):
        if words[1:2] != ["account"]:
            continue
        named = {name: words[words.index(name) + 1] for name in ("on", "key", "secret", "passphrase") if name in words}
        secrets = {name: Secret(named.get(name, "")) for name in ("key", "secret", "passphrase")}
        yield words[2], named.get("on", "binance"), Credentials(**secrets)


class State(NamedTuple):
    """The story of a state, how a stage gets into it, and the query that shows it."""

    make: Callable[[Stage], None]
    story: str = ""  # empty: the demo's
    days: int = 0  # that the story has gone on for, or the demo's
    query: str = ""


def open_state(stages: Stages, state: State) -> AbstractContextManager[Stage]:
    """The stage before it is made."""
    return stages.open(state.story, state.days * DAY) if state.story else stages.open_demo()


def nothing(_: Stage) -> None:
    """As it is."""


def track(stage: Stage, days: int = 0) -> None:
    """Read the test's account, and rebuild what was before."""
    stage.worker.add()
    stage.read()
    if days:
        stage.rebuild(days)


def added(stage: Stage) -> None:
    """An account that was never read."""
    stage.worker.add()


def two_hours(stage: Stage) -> None:
    """Two readings, nothing rebuilt."""
    track(stage)
    stage.live("")


def rebuilding(stage: Stage) -> None:
    """Two days are rebuilt, the month before is at work."""
    track(stage, 2)
    record_rebuilding(stage.worker.db, 1, Rebuilding(month=START - 28 * DAY), stage.venue.now())
    stage.worker.db.execute("update rebuildings set percent = 41, seconds_left = 350")


def funding_fails(stage: Stage) -> None:
    """A wallet that can't be read leaves two hours PARTIAL."""
    stage.venue.fault("/sapi/v1/asset/get-funding-asset", {"kind": "reset"})
    stage.live("", "", account="demo")


def half_is_missing(stage: Stage) -> None:
    """A reading that lacks most of the account is SUSPECT."""
    track(stage, 2)
    stage.live("", "vanish 2900 USDT")


def coins_vanish(stage: Stage) -> None:
    """Coins leave without a record."""
    stage.live("", "vanish 300 USDT", "", account="demo")


def coins_appear(stage: Stage) -> None:
    """Coins come without a record, twice."""
    stage.live("airdrop 500 USDT", "airdrop 0.01 BTC", account="demo")


def is_old(length: timedelta) -> Callable[[Stage], None]:
    """The dashboard's clock goes on, the monitor's does not."""

    def stand_still(stage: Stage) -> None:
        stage.site.late = length

    return stand_still


def key_is_refused(stage: Stage) -> None:
    """The exchange refuses one account's key."""
    stage.venue.do("revoke", "demo")
    stage.live("", account="demo")


def history_is_refused(stage: Stage) -> None:
    """The exchange refuses a history of flows: figures go on without what may be in it."""
    track(stage, 2)
    stage.venue.fault("/sapi/v1/fiat/orders", {"status": 400, "body": '{"code": -9999, "msg": "not now"}'})
    stage.live("", "")


def benchmark_runs_out(stage: Stage) -> None:
    """More is withdrawn than the benchmark ever had."""
    track(stage, 10)
    stage.live("airdrop 20000 USDT", "withdraw 15000 USDT fee 1", "", "")


def many_accounts(stage: Stage) -> None:
    """Ten accounts whose labels are long."""
    for number, (_, exchange, credentials) in enumerate(find_accounts(TEN_ACCOUNTS), 1):
        stage.worker.add_at(exchange, LONG_LABEL.format(number=number), credentials)
    stage.read()
    stage.rebuild(3)


HEAD = f"+0m account test key {KEY} secret {SECRET}\n"
USUAL = HEAD + "+1m deposit 10000 USDT\n+2m buy for 4000 BTCUSDT\n+3m buy for 3000 ETHUSDT\n+8d deposit 500 USDT\n"
TEN_ACCOUNTS = "".join(
    f"+0m account number{n} key key-of-account-{n}-0123456789 secret secret-of-account-{n}-0123456789\n"
    f"+1m deposit {n}000 USDT\n+2m buy for {n}00 BTCUSDT\n+9d12:00 deposit {n}0 USDT\n"
    for n in range(1, TEN + 1)
)
STATES: Mapping[str, State] = {
    "four exchanges": State(nothing),
    "one of four": State(nothing, query="account=bitget"),
    "thirty days": State(nothing, query="period=30d&account=demo"),
    "three dates": State(nothing, query="from=2026-02-20&to=2026-02-22&account=demo"),
    "EUR": State(nothing, query="currency=EUR&account=demo"),
    "BTC": State(nothing, query="currency=BTC&zone=Europe/Prague"),
    "Prague": State(nothing, query="zone=Europe/Prague&period=24h&account=demo"),
    "percent": State(nothing, query="scale=percent&period=90d&benchmark=monthly"),
    "no account": State(nothing, HEAD),
    "nothing read": State(added, HEAD),
    "first hour": State(track, USUAL, 10),
    "two hours": State(two_hours, USUAL, 10),
    "rebuilding": State(rebuilding, USUAL, 10),
    "PARTIAL": State(funding_fails),
    "SUSPECT": State(half_is_missing, USUAL, 10),
    "vanished": State(coins_vanish),
    "appeared": State(coins_appear, query="account=demo"),
    "5 hours old": State(is_old(timedelta(hours=5))),
    "4 days old": State(is_old(4 * DAY), query="account=demo"),
    "key refused": State(key_is_refused),
    "history refused": State(history_is_refused, USUAL, 10),
    "benchmark in debt": State(benchmark_runs_out, USUAL, 10),
    "empty account": State(lambda stage: track(stage, 2), HEAD, 4),
    "one coin": State(lambda stage: track(stage, 8), HEAD + "+1m deposit 1.5 BTC\n", 10),
    "NAV 0.50": State(lambda stage: track(stage, 8), HEAD + "+1m deposit 0.3 USDT\n+2m deposit 0.000003 BTC\n", 10),
    "NAV 50 million": State(
        lambda stage: track(stage, 8),
        HEAD + "+1m deposit 21000000 USDT\n+2m deposit 300 BTC\n+3m deposit 4000 ETH\n+7d withdraw 250000 USDT fee 1\n",
        10,
    ),
    "ten accounts": State(many_accounts, TEN_ACCOUNTS, 10),
}
