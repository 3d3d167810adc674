"""Every stored figure of an account against the onlooker's, to the last digit."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from paper.stories.futures import mark_price
from tests.endtoend.compared_trades import compare_trades
from tests.endtoend.journey import Journey
from tests.independent.contracts import Contracts
from tests.independent.costs import Costs
from tests.independent.explained import Happening, explain, list_happenings, look_inside
from tests.independent.history import Figures, Onlooker, Sight
from tests.independent.portfolio import Cut, stored
from tests.independent.quotes import Quotes
from tests.independent.trades import Trades
from tests.worker import Worker

VALUED = ("COMPLETE", "RECONSTRUCTED")
COMBINED = 0
CLOSING, MINUTE = 1, 2
PARTS = ("price_effect", "trading", "positions", "flows", "income", "fees")
FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Comparison:
    """How many figures were compared, which differ, and by how much at most (as a share)."""

    rows: int = 0
    figures: int = 0
    differing: list[str] = field(default_factory=list)
    largest: Fraction = Fraction(0)

    def compare(self, name: str, found: Any, expected: Fraction) -> None:
        """Take note of one figure."""
        self.figures += 1
        if found is None or Fraction(found) != expected:
            self.differing.append(f"{name}: stored {found}, should be {expected}")
        if found is not None:
            self.largest = max(self.largest, abs(Fraction(found) - expected) / max(Fraction(1), abs(expected)))


def compare_account(
    journey: Journey,
    account_id: int,
    *labels: str,
    cut: Cut = stored,
    until: datetime = FOR_EVER,
    quotes: Quotes | None = None,
) -> Comparison:
    """The rows of an account, or without a label of the combined row, against the onlooker's, before the hour `until`.

    `quotes` are those of another comparison at the same time, whose klines need not be read again.
    """
    worker = journey.worker
    rows = [row for row in worker.hours(account_id) if row["status"] in VALUED and row["hour"] < until]
    members = _members(worker, account_id, labels)
    rebuilt = _rebuilt(worker)
    hours = [(_sight(journey, row["hour"], members(row["hour"]), rebuilt), members(row["hour"])) for row in rows]
    expected, flows = calculate(journey, hours, cut, quotes)
    outcome = Comparison()
    for row, figures in zip(rows, expected, strict=True):
        _compare_row(outcome, f"account {account_id} {row['hour']}", row, figures, _benchmarks(worker, account_id, row))
    moments = {move.at for move in journey.moves}
    recorded = [flow for flow in flows if account_id != COMBINED or flow.key in moments]
    _compare_flows(outcome, worker, account_id, recorded, rows[-1]["taken_at"])
    return outcome


def _rebuilt(worker: Worker) -> set[tuple[datetime, str]]:
    rows = worker.rows(
        "select n.hour, split_part(a.label, '@', 1) as label from nav_history n join accounts a on a.id = n.account_id"
        " where a.id > 0 and n.status = 'RECONSTRUCTED'"
    )
    return {(row["hour"], row["label"]) for row in rows}


def _sight(journey: Journey, hour: datetime, members: frozenset[str], rebuilt: set[tuple[datetime, str]]) -> Sight:
    """What was seen of the members at the hour: rebuilt ones at its very beginning."""
    early = {label for label in members if (hour, label) in rebuilt}
    full = journey.full_hours[hour]
    if early == members:
        return full
    read = journey.readings[hour]
    seen = {label: full if label in early else read for label in members}
    return Sight(
        at=read.at,
        held={label: sight.held[label] for label, sight in seen.items()},
        moments=dict.fromkeys(early, full.at),
        profits={label: sight.profits[label] for label, sight in seen.items()},
    )


def calculate(
    journey: Journey,
    hours: Sequence[tuple[Sight, frozenset[str]]],
    cut: Cut = stored,
    quotes: Quotes | None = None,
) -> tuple[list[Figures], list[Figures]]:
    """The onlooker's rows of `hours` and of the flows between them."""
    return Onlooker(quotes or Quotes(journey.venue.url), journey.before, journey.moves, cut).calculate(hours)


def _members(worker: Worker, account_id: int, labels: Sequence[str]) -> Callable[[datetime], frozenset[str]]:
    if account_id != COMBINED:
        return lambda _: frozenset(labels)
    found = worker.rows(
        "select n.hour, split_part(a.label, '@', 1) as label from nav_history n join accounts a on a.id = n.account_id"
        " where a.id > 0 and n.status = any(%(valued)s)",
        valued=list(VALUED),
    )
    at = defaultdict(set)
    for row in found:
        at[row["hour"]].add(row["label"])
    return lambda hour: frozenset(at[hour])


def _benchmarks(worker: Worker, account_id: int, hour: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = worker.rows(
        "select c.name, c.assets, h.* from benchmark_history h join benchmark_configs c on c.id = h.benchmark_id"
        " where c.account_id = %(account)s and h.hour = %(hour)s",
        account=account_id,
        hour=hour["hour"],
    )
    return {row["name"]: row | dict(zip(row["assets"], row["quantities"], strict=True)) for row in found}


def _compare_row(
    outcome: Comparison, name: str, row: dict[str, Any], expected: Figures, benchmarks: dict[str, dict[str, Any]]
) -> None:
    outcome.rows += 1
    for column, figure in expected.account.items():
        outcome.compare(f"{name} {column}", row.get(column), figure)
    for basket, columns in expected.benchmarks.items():
        for column, figure in columns.items():
            outcome.compare(f"{name} {basket} {column}", benchmarks.get(basket, {}).get(column), figure)


def _compare_flows(
    outcome: Comparison, worker: Worker, account_id: int, expected: Sequence[Figures], until: datetime
) -> None:
    rows = worker.rows(
        "select * from flow_valuations where account_id = %(account)s and occurred_at <= %(until)s"
        " order by occurred_at, value",
        account=account_id,
        until=until,
    )
    expected = sorted(expected, key=lambda flow: (flow.key, flow.account["value"]))
    outcome.compare(f"account {account_id} number of flows", len(rows), Fraction(len(expected)))
    for row, figures in zip(rows, expected, strict=False):
        booked = worker.rows(
            "select c.name, f.* from benchmark_flows f join benchmark_configs c on c.id = f.benchmark_id"
            " where f.transaction_id = %(id)s and c.account_id = %(account)s",
            id=row["transaction_id"],
            account=account_id,
        )
        benchmarks = {found["name"]: found for found in booked}
        _compare_row(outcome, f"account {account_id} flow {figures.key}", row, figures, benchmarks)


def compare_explanations(
    journey: Journey,
    account_id: int,
    label: str,
    unseen: Sequence[Happening] = (),
    quotes: Quotes | None = None,
    *,
    has_failures: bool = False,
) -> Comparison:
    """The explanations of an account's hours against what really happened in them: every part, and no residual but
    what is `unseen`, of which the exchange has no record. With them the gains, trades and fees that follow from the same.

    Read hours are booked by the minute, but where the exchange `has_failures` and klines could not be read.
    """
    worker, rebuilt = journey.worker, _rebuilt(journey.worker)
    quotes = quotes or Quotes(journey.venue.url)
    happenings = [*list_happenings(journey.venue.exchange.venue.accounts[label], journey.moves, quotes), *unseen]
    outcome, costs, trades = Comparison(), None, None
    contracts = Contracts(journey.venue.exchange.venue.accounts[label].contract_fills)
    for row in worker.rows("select * from explanations where account_id = %(id)s order by hour", id=account_id):
        hours = (row["from_hour"], row["hour"])
        before, after = (_sight(journey, hour, frozenset({label}), rebuilt) for hour in hours)
        until = after.moments.get(label, after.at)
        told_prices = {asset: Fraction(found["price"]) for asset, found in row["assets"].items()}
        by_trade = {asset for asset, price in told_prices.items() if price != quotes.price(asset, until)}
        name, by_minute = f"account {account_id} {row['hour']} explanation", (row["hour"], label) not in rebuilt
        if by_minute and has_failures:
            by_minute = row["booking"] == MINUTE
        outcome.compare(f"{name} booking", row["booking"], Fraction(MINUTE if by_minute else CLOSING))
        parts, units = explain(quotes, label, (before, after), happenings, by_trade, by_minute=by_minute)
        for part in (*PARTS, "residual"):
            outcome.compare(f"{name} {part}", row[part], parts.get(part, Fraction(0)))
        told = {asset: found["units"] for asset, found in row["assets"].items() if found["units"]}
        for asset, part in {(a, p) for both in (told, units) for a, found in both.items() for p in found}:
            expected = units.get(asset, {}).get(part, Fraction(0))
            outcome.compare(f"{name} {asset} {part}", told.get(asset, {}).get(part, "0"), expected)
        inside, closing = look_inside(quotes, label, (before, after), happenings, by_trade, by_minute=by_minute)
        if costs is None or trades is None:
            at, held = before.moments.get(label, before.at), before.held[label]
            prices = {asset: quotes.price(asset, at) for asset in held}
            costs, trades = Costs(held, prices), Trades(held, prices, at)
            _begin(contracts, journey, quotes, at)
        closing |= {one.asset: quotes.price(one.asset, until) for one in contracts.fills}
        trades.pass_hour(
            inside, closing, until, contracts.pass_hour(before.moments.get(label, before.at), until, inside, closing)
        )
        _compare_gains(outcome, name, row, costs, costs.pass_hour(inside, closing), closing)
        outcome.rows += 1
    if trades:
        compare_trades(outcome.compare, worker, account_id, trades, contracts.cycles)
    return outcome


def _begin(contracts: Contracts, journey: Journey, quotes: Quotes, at: datetime) -> None:
    venue = journey.venue.exchange.venue
    contracts.begin(at, lambda symbol: Fraction(mark_price(venue, symbol, at)), lambda asset: quotes.price(asset, at))


def _compare_gains(
    outcome: Comparison,
    name: str,
    row: dict[str, Any],
    costs: Costs,
    gains: dict[str, Fraction],
    closing: dict[str, Fraction],
) -> None:
    """What coins have cost at the hour, what they would gain, and what went with a gain in it."""
    for way, gain in gains.items():
        outcome.compare(f"{name} {way}", row[way], gain)
    outcome.compare(f"{name} unrealised", row["unrealised"], costs.unrealised(closing))
    if row["costs"] is not None:  # else as the hour before, whose change would be unrealised
        stored = {"USDT": costs.held.get("USDT", Fraction(0)), **row["costs"]}
        for asset in costs.costs.keys() | stored.keys():
            outcome.compare(f"{name} cost of {asset}", stored.get(asset, "0"), costs.costs.get(asset, Fraction(0)))
