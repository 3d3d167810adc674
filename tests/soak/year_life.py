"""How years of four accounts are lived, hour by hour, and compared in the end."""

import argparse
import io
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from time import monotonic
from typing import Any

import pytest

from monitor.commands import backfill
from monitor.commands.account import add_arguments, run_account_command
from monitor.ledger.store.transfers_by_amount import load_unclear_transfers
from monitor.performance.verification import verify
from monitor.trading.groups_again import find_all_wrong
from paper.clock import VenueClock
from paper.stories.lines import parse_story
from paper.stories.verbs import make_venue
from sql.vault import Credentials, Secret
from tests.endtoend.comparison import COMBINED, Comparison, compare_account, compare_explanations
from tests.endtoend.journey import Journey
from tests.endtoend.test_great_story import tell
from tests.independent.explained import Happening
from tests.independent.quotes import Quotes
from tests.soak.standing_clock import let_time_stand
from tests.soak.year_story import EXCHANGES, Year, key_of, secret_of
from tests.venue import MARKET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

START = datetime(2024, 11, 3, tzinfo=UTC)
NUMBERS = dict(enumerate(EXCHANGES, 1))
AMBIGUOUS = -Fraction("1.5015")  # ETH with the fee: one of two such withdrawals came to another account
TABLES = (("transfers", "matched_transfers"), ("fills", "fills"), ("trades", "trades"), ("fees", "fees"))
ASKED_AT_ONCE = 500  # requests; each has a weight of 2, and 6,000 are allowed in a minute
LOOKS = 6  # how often in a year `verify` computes everything again
HOUR = timedelta(hours=1)
DOWN = {"status": 503, "body": "down"}
REFUSED = {
    "ban": {
        "status": 418,
        "body": '{"code": -1003, "msg": "Way too many requests"}',
        "headers": {"Retry-After": "7000"},
    },
    "throttle": {
        "status": 429,
        "body": '{"code": 429, "msg": "Too Many Requests"}',
        "headers": {"Retry-After": "3000"},
    },
}


class Life:
    """Lives a year hour by hour, with all that befalls it."""

    def __init__(self, journey: Journey, year: Year) -> None:
        self.journey, self.year, self.worker = journey, year, journey.worker
        self.counts: Counter[str] = Counter()
        self._began = monotonic()
        self._doubtful: set[str] = set()  # accounts whose exchange or key is in trouble

    def live(self) -> None:
        """Everything up to the end; what is read must be the venue's own books at once."""
        last = 0
        for number in sorted(self.year.live):
            self.journey.skip_hours(number - last)
            last = number
            acts = self.year.acts.get(number, [])
            for act in acts:
                name, _, rest = act.partition(" ")
                getattr(self, f"_{name}")(rest)
            self.journey.venue.control("/weights", method="DELETE")
            self.journey.run_here()
            self.counts["runs"] += 1
            if self.counts["runs"] % 50 == 0:
                print(f"{self.journey.hour:%Y-%m-%d}: {monotonic() - self._began:,.0f} s", flush=True)
            self.check_reading()
            if "backfill" in acts or "begin" in acts:
                self.backfill()
            if number % (self.year.hours // LOOKS) < 12:
                self.verify()
        self.verify()

    def check_reading(self) -> None:
        """Every account that can be read has the worth of the venue's books, to the last digit."""
        sight = self.journey.readings[self.journey.hour]
        for account, name in NUMBERS.items():
            (row,) = self.worker.rows(
                "select status, reason, nav from nav_history where account_id = %(a)s and hour = %(h)s",
                a=account, h=self.journey.hour,
            )  # fmt: skip
            if row["status"] != "COMPLETE":
                assert name in self._doubtful, f"{self.journey.hour} {name}: {row}"
                self.counts["hours of an account in trouble"] += 1
                continue
            worth = sum(amount * self._price(asset) for asset, amount in sight.held[name].items())
            assert Fraction(row["nav"]) == worth, f"{self.journey.hour} {name}: {row['nav']}, not {float(worth)}"
            self.counts["readings that are the books"] += 1

    def _price(self, asset: str) -> Fraction:
        venue = self.journey.venue.exchange.venue
        return Fraction(1) if asset == "USDT" else Fraction(venue.price(f"{asset}USDT", venue.clock.now()))

    def verify(self) -> None:
        """Every stored figure follows from the ledger and the prices."""
        differences = [*verify(self.worker.db).differences, *find_all_wrong(self.worker.db, ())]
        assert not differences, "\n".join(map(str, (self.journey.hour, *differences[:9])))
        self.counts["verify"] += 1

    def backfill(self) -> None:
        """`python -m monitor backfill` from the beginning on."""
        parser = argparse.ArgumentParser()
        backfill.add_arguments(parser)
        told = parser.parse_args(["--from", START.isoformat()])
        self.journey.venue.control("/weights", method="DELETE")
        told.run(self.worker.db, self.worker.settings, told, self.journey.venue.now())

    # ---------------------------------------------------------------------------------------------- what befalls us

    def _nothing(self, _: str) -> None:
        self._doubtful = set()

    def _begin(self, _: str) -> None:
        """The first reading."""

    def _backfill(self, _: str) -> None:
        """After so long a run rebuilds nothing by itself."""

    def _reconnect(self, _: str) -> None:
        self.journey.reconnect()

    def _down(self, exchanges: str) -> None:
        self.journey.venue.clear_faults()
        self._doubtful = {name for name, exchange in EXCHANGES.items() if exchange in exchanges.split()}
        for exchange in exchanges.split():
            self.journey.venue.fault("*", DOWN, exchange=exchange)

    def _conceal(self, path: str) -> None:
        """One of Binance's histories can't be read."""
        self.journey.venue.clear_faults()
        self.journey.venue.fault(path, DOWN)

    def _up(self, _: str) -> None:
        self.journey.venue.clear_faults()
        self._doubtful = set()

    def _expired(self, _: str) -> None:
        self._doubtful = {"four"}

    def _ban(self, exchange: str) -> None:
        self._refuse("ban", exchange)

    def _throttle(self, exchange: str) -> None:
        self._refuse("throttle", exchange)

    def _refuse(self, how: str, exchange: str) -> None:
        self._doubtful = {name for name, known in EXCHANGES.items() if known == exchange}
        self.journey.venue.fault("*", REFUSED[how], exchange=exchange, times=1)

    def _match(self, _: str) -> None:
        """The owner says which of two withdrawals it was."""
        found = load_unclear_transfers(self.worker.db, COMBINED)
        assert len(found) == 2
        (sent,) = (move for move in self.journey.moves if move.transfer and move.quantity == AMBIGUOUS)
        (out,) = self.worker.rows(
            "select id from processed_transactions where id = any(%(ids)s) and occurred_at = %(at)s",
            ids=[one.out_id for one in found], at=sent.at,
        )  # fmt: skip
        tell(self.journey, f"match {out['id']} {found[0].in_id} --note 'I know'")
        assert load_unclear_transfers(self.worker.db, COMBINED) == ()

    def _renew(self, _: str) -> None:
        """Another key at MEXC, told by `account rekey`."""
        account = self.journey.venue.exchange.venue.accounts["four"]
        account.key, account.secret, account.revoked = "mx0-a-newer-key-of-four", "a-newer-secret-of-four", False
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        told = parser.parse_args(["rekey", "four"])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", io.StringIO(f"{account.key}\n{account.secret}\n"))
            run_account_command(self.worker.db, self.worker.settings, told, self.journey.venue.now())
        self._doubtful = set()


def track(worker: Worker, venue: RunningVenue) -> None:
    """All four accounts."""
    for name, exchange in EXCHANGES.items():
        known = venue.exchange.venue.accounts[name]
        worker.add_at(
            exchange,
            name,
            Credentials(key=Secret(key_of(name)), secret=Secret(secret_of(name)), passphrase=Secret(known.passphrase)),
        )


class UnlimitedQuotes(Quotes):
    """A venue's prices; its limit of requests a minute is lifted now and then, for years ask for more."""

    def __init__(self, venue: RunningVenue) -> None:
        super().__init__(venue.url)
        self._venue, self._asked = venue, 0

    def _klines(self, symbol: str, limit: int = 1000, **times: datetime) -> list[Any]:
        if self._asked % ASKED_AT_ONCE == 0:
            self._venue.control("/weights", method="DELETE")
        self._asked += 1
        return super()._klines(symbol, limit, **times)


def compare_all(journey: Journey, year: Year) -> Comparison:
    """Rows, flows, benchmarks and explanations of every account, and of all together, against the independent ones."""
    quotes = UnlimitedQuotes(journey.venue)
    found = [compare_account(journey, COMBINED, quotes=quotes)]
    for number, name in NUMBERS.items():
        unseen = [
            Happening(at=START + timedelta(minutes=minute), part="residual", asset="USDT", quantity=Fraction(amount))
            for minute, amount in year.unseen
            if name == "four"
        ]
        found += [
            compare_account(journey, number, name, quotes=quotes),
            compare_explanations(journey, number, name, unseen, quotes, has_failures=True),
        ]
    whole = Comparison(rows=sum(one.rows for one in found), figures=sum(one.figures for one in found))
    whole.differing = [line for one in found for line in one.differing]
    return whole


NOT_THE_SUM = (
    "select n.hour, n.nav from nav_history n where n.account_id = 0 and n.nav - n.in_transit <>"
    " (select sum(m.nav) from nav_history m where m.account_id > 0 and m.hour = n.hour)"
)
FLOWS_OF_TRANSFERS = (
    "select v.* from flow_valuations v join matched_transfers m on v.transaction_id in (m.out_id, m.in_id)"
    " where v.account_id = 0"
)


def live_through(open_venue: VenueOpener, open_worker: Opener, patch: pytest.MonkeyPatch, year: Year) -> Counter[str]:
    """Live a year and compare every figure; returns what there was of everything, which is printed as well."""
    let_time_stand(patch)
    began = monotonic()
    can_happen = make_venue(MARKET, VenueClock(START + timedelta(days=year.days)), parse_story(year.story, START))
    can_happen.catch_up()
    venue = open_venue(year.story, start=START, stands=START)
    worker = open_worker(venue)
    worker.settings = replace(worker.settings, call_timeout_seconds=20, account_deadline_seconds=300)
    with Journey(venue, worker, year.story, START) as journey:
        journey.full_hours[START] = journey.look(START)
        track(worker, venue)
        life = Life(journey, year)
        life.live()
        lived = monotonic()
        compared = compare_all(journey, year)
        assert compared.differing == [], "\n".join(compared.differing[:20])
        states = worker.rows("select account_id, status, count(*) as n from nav_history group by 1, 2 order by 1, 2")
        life.counts.update({f"hours of account {row['account_id']} {row['status']}": row["n"] for row in states})
        life.counts.update({"figures compared": compared.figures})
        life.counts.update({name: worker.rows(f"select count(*) as n from {table}")[0]["n"] for name, table in TABLES})
        life.counts.update({"seconds lived": int(lived - began), "seconds compared": int(monotonic() - lived)})
        print("", *(f"{count:9,} {name}" for name, count in sorted(life.counts.items())), sep="\n", flush=True)
        assert {row["status"] for row in states} <= {"COMPLETE", "RECONSTRUCTED"}
        assert worker.rows(NOT_THE_SUM) == []
        assert worker.rows(FLOWS_OF_TRANSFERS) == []
        sent = sum(" send " in line for lines in year.lines.values() for line in lines)
        assert life.counts["transfers"] == sent
        named = worker.rows("select residual, cause from explanations where account_id > 0 and state <> 'explained'")
        assert [row["residual"] for row in named] == [Decimal(amount) for _, amount in year.unseen], named
    return life.counts
