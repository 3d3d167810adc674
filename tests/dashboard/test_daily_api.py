"""What the snapshot says of balances and trading, and the days of the equity curve: keys, types, and sums that agree."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dashboard.api.daily import sum_up
from dashboard.history.daily import Day
from finance.decimals import total
from look.figures import percent, signed_usdt, usdt
from sql.connect import connect
from tests.dashboard.site import TRADES, Site
from tests.dashboard.test_api import ask
from tests.dashboard.test_lists import cells
from tests.dashboard.test_pages import plain, text
from tests.dashboard.test_trades_api import FUTURES
from tests.monitor.notation import D
from tests.postgres import Database

SNAPSHOT: dict[str, type] = {
    "exchange": str, "total_balance": str, "available_balance": str, "locked_balance": str, "owed_balance": str,
    "total_positions_value": str, "unrealized_pnl": str, "open_positions_count": int, "total_realized_pnl": str,
    "win_rate": str, "snapshot_date": str,
}  # fmt: skip


def check_types(told: dict[str, Any]) -> None:
    """Every key with its type, or null with a reason."""
    for key, kind in SNAPSHOT.items():
        assert isinstance(told[key], kind) if told[key] is not None else told["reasons"][key], key


def test_the_snapshot_has_balances_and_results(long_site: Site) -> None:
    told = ask(long_site, "/portfolio/snapshot")
    check_types(told)
    assert told["reasons"] == {}
    parts = [Decimal(told[name]) for name in ("available_balance", "locked_balance")]
    assert total([*parts, -Decimal(told["owed_balance"])]) == Decimal(told["total_balance"]) == Decimal(told["nav"])
    trades = ask(long_site, "/trades/history?limit=100")["trades"]
    counted = [one for one in trades if one["exit_type"] != "TRANSFER"]
    won = sum(Decimal(one["net_pnl"]) > 0 for one in counted)
    assert (len(trades), told["open_positions_count"]) == (TRADES, 2)
    assert round(Decimal(told["win_rate"]), 9) == round(Decimal(100 * won) / len(counted), 9)
    opened = ask(long_site, "/positions/open")["positions"]
    value = total(abs(Decimal(one["quantity"])) * Decimal(one["current_price"]) for one in opened)
    assert Decimal(told["total_positions_value"]) == value


def test_the_days_of_the_equity_curve_add_up(long_site: Site) -> None:
    whole = ask(long_site, "/portfolio/snapshot")
    curve = ask(long_site, "/portfolio/equity-curve?period=all&limit=1")
    days = curve["data_points"]
    assert [day["date"] for day in days] == sorted({day["date"] for day in days})
    assert days[-1] == {
        "date": whole["snapshot_date"],
        "balance": whole["total_balance"],
        "realized_pnl": whole["total_realized_pnl"],
        "unrealized_pnl": whole["unrealized_pnl"],
    }
    assert (curve["current_balance"], curve["reasons"]) == (whole["nav"], {})
    assert Decimal(curve["total_return_percentage"]) == 100 * Decimal(whole["returns"]["account"])
    part = ask(long_site, "/portfolio/equity-curve?period=7d&limit=1")
    moved = {day["date"]: Decimal(day["realized_pnl"]) for day in days}
    for day in part["data_points"][1:]:
        since = Decimal(day["realized_pnl"]) - Decimal(part["data_points"][0]["realized_pnl"])
        assert since == moved[day["date"]] - moved[part["data_points"][0]["date"]]


@pytest.mark.parametrize("account", ["", "&account=1"])
def test_days_are_those_of_the_curve_and_their_trades_those_of_the_history(long_site: Site, account: str) -> None:
    days = ask(long_site, f"/portfolio/daily?period=all{account}")["rows"]
    curve = ask(long_site, f"/portfolio/equity-curve?period=all&limit=1{account}")["data_points"]
    told = [(day["date"], day["total"], day["realised"], day["unrealised"]) for day in days]
    assert told == [(d["date"], d["balance"], d["realized_pnl"], d["unrealized_pnl"]) for d in curve]
    last, whole = days[-1], ask(long_site, f"/portfolio/snapshot?{account}")
    assert [last[name] for name in HELD] == [whole[f"{name}_balance"] for name in HELD]
    assert round(Decimal(last["win_rate"]), 9) == round(Decimal(whole["win_rate"]), 9)
    closed = ask(long_site, f"/trades/history?period=all&limit=2000{account}")["trades"]
    net = [Decimal(one["net_pnl"]) for one in closed]
    assert last["trades"] == len(closed) and [day["trades"] for day in days] == sorted(day["trades"] for day in days)
    assert (Decimal(last["largest_win"]), Decimal(last["largest_loss"])) == (max(net), min(net))
    assert abs(Decimal(last["average_net"]) - total(net) / len(net)) < Decimal("1e-15")
    assert last["open_trades"] == len(ask(long_site, f"/positions/open?{account}")["positions"])
    assert all(day["reasons"].keys() == {key for key, value in day.items() if value is None} for day in days)
    check_days_on_the_page(long_site, days, account)
    parts, cursor = [], ""
    while cursor is not None:
        page = ask(long_site, f"/portfolio/daily?period=all&limit=33{cursor}{account}")
        parts += page["rows"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert parts == days


HELD = ("available", "locked", "owed")


def check_days_on_the_page(site: Site, days: list[dict[str, Any]], account: str) -> None:
    """Newest first, a page at a time; above them what the period made, in tiles."""
    shown = []
    for sheet in (1, 2, 3):
        page = site.get(f"/performance?period=all&sheet={sheet}{account}").text
        columns = [cells(page, "Day by day", column) for column in (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11)]
        shown += list(zip(*columns, strict=True))
    assert len(shown) == len(days) == 100  # fifty days of the calendar a page; of one there is no hour
    nothing = {"realised": "0", "trades": 0, "won": 0, "lost": 0}
    for row, day, before in zip(shown, days[::-1], [*days[-2::-1], nothing], strict=True):
        realised = D(day["realised"]) - D(before["realised"])
        closed = [str(day[name] - before[name] or "") for name in ("trades", "won", "lost")]
        is_rebuilt = day["date"] in ("2026-03-18", "2026-03-19", "2026-03-20")  # of which nobody knows what was locked
        assert [day[name] is None for name in HELD] == [is_rebuilt] * len(HELD)
        held = ["unknown" if is_rebuilt else usdt(D(day[name])) for name in HELD]
        gains = [signed_usdt(D(day["unrealised"])), signed_usdt(realised)]
        assert list(row) == [day["date"], usdt(D(day["total"])), *gains, *closed, str(day["open_trades"]), *held]
    tiles = text(page.split('class="tiles"')[1].split("</dl>")[0])
    day = ask(site, f"/portfolio/snapshot?period=24h{account}")["returns"]["account"]
    whole = ask(site, f"/portfolio/snapshot?period=all{account}")["returns"]["account"]
    assert plain(percent(D(whole))) in plain(tiles) and plain(percent(D(day))) in plain(tiles)
    [average] = [m for m in ask(site, f"/performance/metrics?{account}")["metrics"] if m["key"] == "average_day"]
    assert plain(percent(D(average["account"]["value"]))) in plain(tiles)


def test_what_contracts_made_is_realised_but_for_what_is_open() -> None:
    """Contracts stand at +10; they make 30 on the first day, of which 25 is still open, and lose 5 on the second, all closed."""
    day = Day(
        date=date(2026, 3, 1),
        hour=datetime(2026, 3, 1, 23, tzinfo=UTC),
        balance=D(0),
        moved=D(0),
        unrealised=D(0),
        contracts=D(10),
    )
    days = [day, day._replace(moved=D(30), contracts=D(35)), day._replace(moved=D(-5), contracts=D(0))]
    assert sum_up(days, D(10)) == [0, 5, 35]
    assert sum_up(days[1:], D(10)) == [5, 35]
    assert sum_up([day, day._replace(moved=None), day], D(10)) == [0, None, None]


def test_open_contracts_are_counted(own_site: Site, database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        owner.execute(FUTURES)
        owner.execute("update monitor.runs set weight = '{}' where id = (select max(id) from monitor.runs)")
    told = ask(own_site, "/portfolio/snapshot")
    assert told["open_positions_count"] == 4
    check_types(told)


def test_what_an_unpriced_coin_is_worth_is_not_left_out_of_a_sum(own_site: Site, database: Database) -> None:
    known = ask(own_site, "/portfolio/snapshot")
    with connect(database.owner_url, name="test") as owner:
        owner.execute(
            "update holding_sets set prices[array_position(assets, 'ETH')] = null where snapshot_id = (select max(snapshot_id) from nav_history)"
        )
        owner.execute("update runs set weight = '{}' where id = (select max(id) from runs)")
    told = ask(own_site, "/portfolio/snapshot")
    check_types(told)
    unknown = {"available_balance", "locked_balance", "owed_balance", "total_positions_value"}
    assert told["reasons"].keys() == unknown and all(told[key] is None and known[key] is not None for key in unknown)


def test_an_empty_period_says_so(own_site: Site) -> None:
    told = ask(own_site, "/portfolio/equity-curve?from=2020-01-01&to=2020-01-02")
    assert (told["data_points"], told["current_balance"]) == ([], None)
    assert told["reasons"]["current_balance"] == "There is no valued hour in this period."
