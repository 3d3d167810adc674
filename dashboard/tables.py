"""The tables that are shown as lists and as files: what a row holds, and where a page of them goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dashboard.errors import BadChoice
from dashboard.frame import Frame
from dashboard.history.tables import Stretch
from dashboard.periods import EPOCH, find_window

if TYPE_CHECKING:
    from dashboard.fields import Shape

LAST = datetime(2100, 1, 1, tzinfo=UTC)  # after everything that is stored
SEPARATOR = "~"
BELOW_ALL = -(10**18)  # before every number


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; `moment` and `number` are the columns that it is ordered by."""

    name: str
    title: str
    about: str  # what a row is, as its class says
    row_name: str  # of the class of its rows, in `dashboard.rows`
    moment: str
    number: str

    @property
    def row(self) -> "type[Shape]":
        """The class of its rows; imported here, for it takes the memory of what makes JSON of it."""
        from dashboard import rows

        row: type[Shape] = getattr(rows, self.row_name)
        return row

    @property
    def is_numbered(self) -> bool:
        """Whether `number` is a number, not a text."""
        return self.row.model_fields[self.number].annotation is int


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(name="series", title="Account and benchmark, hour by hour", row_name="SeriesHour", about="An hour of account and benchmark; one without a figure says why, and has null for what is unknown.", moment="hour", number="account_id"),
        Table(name="daily-snapshots", title="Balances and trades, day by day", row_name="DailySnapshot", about="The last valued hour of a day, UTC, and how trades had gone up to there; amounts in USDT, `win_rate` in per cent of the trades that fills opened and closed. Null is what is not known, or what there was none of.", moment="hour", number="account_id"),
        Table(name="flows", title="Money in and out", row_name="Flow", about="Money in or out, as its newest revision says; `quantity` is signed and contains the fee.", moment="at", number="transaction_id"),
        Table(name="flow-revisions", title="Flows as they were known over time", row_name="FlowRevision", about="What was known of a flow at some time; the highest revision counts.", moment="first_seen_at", number="transaction_id"),
        Table(name="transfers", title="Between your own accounts", row_name="Transfer", about="A withdrawal of one of your accounts that is another's deposit: no flow of both together. `amount` is what was sent without the network `fee`; between `sent_at` and `arrived_at` it is in transit.", moment="sent_at", number="id"),
        Table(name="holdings", title="Holdings, hour by hour", row_name="Holding", about="What a wallet held of an asset at a valued hour.", moment="hour", number="account_id"),
        Table(name="explanations", title="Why NAV changed, hour by hour", row_name="Explanation", about="The change of NAV since the valued hour before, in parts that add up exactly; price effect and trading also as what is realised and unrealised of them. A portfolio has its own, booked as if its accounts were one.", moment="hour", number="account_id"),
        Table(name="income", title="Income and costs", row_name="Income", about="A gain (+) or cost (-) that nobody decided to pay in or out.", moment="occurred_at", number="id"),
        Table(name="fills", title="Fills", row_name="Fill", about="One asset swapped for another: + was bought, - was paid.", moment="occurred_at", number="id"),
        Table(name="orders", title="Orders", row_name="Order", about="An order as it was last seen; `key` stays the same whatever becomes of it.", moment="ordered_at", number="key"),
        Table(name="fees", title="Fees", row_name="Fee", about="What was paid, in a coin and in USDT, and the trade whose result it lowers; a rebate is negative. `hour` is the one in Explain, null of a withdrawal's network fee, which is part of its flow. A portfolio has its accounts', each with that account's trade; of what went from one to another it has the network fee alone, a TRANSFER.", moment="at", number="id"),
        Table(name="cross-checks", title="Comparisons with the exchange's own figures", row_name="CrossCheck", about="Our figure beside the exchange's own; `difference` is in the valuation asset.", moment="hour", number="id"),
        Table(name="history-changes", title="Changes of history", row_name="HistoryChange", about="Why hours have changed that were already shown.", moment="changed_at", number="id"),
        Table(name="runs", title="Runs of the worker", row_name="Run", about="An attempt of the worker, and the request weight it used by rate-limit bucket.", moment="started_at", number="run_id"),
        Table(name="logs", title="Log", row_name="LogLine", about="A line of the log.", moment="at", number="id"),
        Table(name="market-hours", title="The market, hour by hour", row_name="MarketHour", about="An hour of the market; `minute_closes` is the sum of the closes of `minutes` one-minute klines. `taker_buy` is null where the exchange does not say what buyers took.", moment="hour", number="symbol"),
        Table(name="rates", title="Rates of other currencies", row_name="Rate", about="What a unit of a currency cost in USDT in an hour; null where the exchange has no price of it.", moment="hour", number="currency"),
    )
}  # fmt: skip


def begin(table: Table, frame: Frame) -> Stretch:
    """All rows of a table in the period of a frame."""
    since, until = _find_bounds(frame)
    benchmark = frame.benchmark.name if frame.benchmark else ""
    first = BELOW_ALL if table.is_numbered else ""
    return Stretch(account=frame.account_id, benchmark=benchmark, at=since, id=first, until=until)


def _find_bounds(frame: Frame) -> tuple[datetime, datetime]:
    """Lists go beyond the valued hours: a named period has no end, dates are whole days."""
    period = frame.view.period
    if period.key != "dates" and frame.history is None:
        return EPOCH, LAST
    last = frame.history[1] if frame.history and period.key != "dates" else LAST
    window = find_window(period, EPOCH, last)
    return (window.since, window.through or LAST) if window else (LAST, LAST)


def write_cursor(table: Table, row: dict[str, object]) -> str:
    """Where the page after `row` begins."""
    moment = row[table.moment]
    assert isinstance(moment, datetime)
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}{SEPARATOR}{row[table.number]}"


def read_cursor(table: Table, cursor: str) -> tuple[datetime, int | str]:
    """The row that a cursor stands for. Raises BadChoice."""
    micros, _, number = cursor.partition(SEPARATOR)
    digits = number.removeprefix("-")  # a portfolio's number is 0 or below
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= 18
    if not (micros.isascii() and micros.isdigit() and len(micros) <= 16) or (table.is_numbered and not is_number):
        raise BadChoice("The cursor is the next_cursor of an answer to the same question.")
    if not number.isprintable():
        raise BadChoice("The cursor is the next_cursor of an answer to the same question.")
    return EPOCH + timedelta(microseconds=int(micros)), int(number) if table.is_numbered else number
