"""The overview page: what one account's facts come to for the period a reader picks."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboard import figures, history
from dashboard.performance import PERIODS, PeriodFigures, compare

BENCHMARKS = ("hold", "monthly")
STALE_AFTER = timedelta(hours=2)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
for _name in ("money", "signed_money", "percent", "points", "quantity", "price", "utc", "age", "tone"):
    TEMPLATES.filters[_name] = getattr(figures, _name)
TEMPLATES.filters["abs_money"] = lambda value: figures.money(abs(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the reader picked."""

    account_id: int
    period: str
    benchmark: str
    path: str


def since_of(period: str, end: datetime) -> datetime:
    """Where a period begins that ends at `end`."""
    length = PERIODS[period][1]
    return end - length if length else EPOCH


def render_overview(db: history.Db, view: View, account: dict[str, Any], now: datetime) -> str:
    """The page as HTML."""
    edges = history.load_edges(db, account["account_id"])
    if edges is None or edges["last"] is None:
        return _render_empty(db, account, now)
    end = history.load_at(db, view.account_id, view.benchmark, edges["last"])
    assert end
    table = [_figures(db, view, name, end, edges["first"]) for name in PERIODS]
    chosen = table[list(PERIODS).index(view.period)]
    since = max(since_of(view.period, end["hour"]), edges["first"])
    benchmark = _basket(db, view)
    return TEMPLATES.get_template("overview.html").render(
        account=account,
        accounts=history.load_accounts(db),
        view=view,
        path=view.path,
        period=view.period,
        periods=list(PERIODS),
        benchmark=view.benchmark,
        benchmarks=BENCHMARKS,
        basket=benchmark,
        warnings=history.load_warnings(db, now),
        end=end,
        total=end["nav"] - end["benchmark_nav"],
        figures=chosen,
        table=table,
        stale=now - end["hour"] > STALE_AFTER,
        run=history.load_last_run(db),
        now=now,
        chart=f"/charts/{view.account_id}",
        query=f"period={view.period}&benchmark={view.benchmark}&version={history.load_version(db)}",
        alt_values=_describe_values(end, chosen),
        alt_difference=_describe_difference(chosen),
        holdings=_holdings(db, view.account_id),
        flows=history.load_flows(db, view.account_id, since, 50),
        gaps=history.load_gaps(db, view.account_id, since),
    )


def _figures(db: history.Db, view: View, name: str, end: dict[str, Any], first: datetime) -> PeriodFigures:
    since = since_of(name, end["hour"])
    start = history.load_at(db, view.account_id, view.benchmark, max(since, first))
    assert start
    return compare(PERIODS[name][0], start, end, is_shorter=name != "all" and since < first)


def _basket(db: history.Db, view: View) -> str:
    row = history.load_basket(db, view.account_id, view.benchmark)
    assert row
    shares = "/".join(f"{share * 100:.0f}" for share in row["weights"])
    return f"{shares} {'/'.join(row['assets'])}"


def _holdings(db: history.Db, account_id: int) -> list[dict[str, Any]]:
    rows = history.load_holdings(db, account_id)
    known = sum((row["value"] for row in rows if row["value"] is not None), Decimal(0))
    for row in rows:
        share = row["value"] / known if row["value"] is not None and known > 0 else None
        row["weight"] = "" if share is None else f"{share * 100:.1f}{figures.THIN}%"
    return rows


def _describe_values(end: dict[str, Any], chosen: PeriodFigures) -> str:
    return (
        f"Line chart, {chosen.name}: the account ends at {figures.money(end['nav'])} USDT "
        f"({figures.percent(chosen.account)}), the benchmark at {figures.money(end['benchmark_nav'])} USDT "
        f"({figures.percent(chosen.benchmark)})."
    )


def _describe_difference(chosen: PeriodFigures) -> str:
    return f"Area chart, {chosen.name}: account minus benchmark changed by {figures.signed_money(chosen.value)} USDT."


def _render_empty(db: history.Db, account: dict[str, Any], now: datetime) -> str:
    gaps = history.load_gaps(db, account["account_id"], EPOCH)
    reason = f" The last attempt: {gaps[0]['reason']}" if gaps else ""
    return render_message(
        f"{account['label']}: no complete hour yet", f"The first one is at most an hour away.{reason}"
    )


def render_message(heading: str, message: str, command: str = "") -> str:
    """A page with one message."""
    return TEMPLATES.get_template("message.html").render(heading=heading, message=message, command=command)
