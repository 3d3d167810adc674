"""Trade metrics as JSON: the keys and types that programs rely on, and figures that are those of the list of closed trades."""

from decimal import Decimal
from typing import Any, get_args

import pytest

from dashboard.api.trade_metrics import ByName
from finance.decimals import plain, stored, total
from finance.trade_metrics import By
from sql.connect import connect
from tests.dashboard.site import TRADES, Site
from tests.dashboard.test_api import ask
from tests.monitor.notation import D
from tests.postgres import Database

FIGURES: dict[str, Any] = {
    "total_trades": 45, "winning_trades": 30, "losing_trades": 14, "breakeven_trades": 1, "win_rate": "66.67",
    "total_net_pnl": "1234.56", "total_gross_pnl": "1400", "total_fees": "145.30", "total_interest": "0", "total_funding": "0",
    "fees_by_type": {"TAKER": "100"}, "volume": "20000", "maker_volume": "5000", "taker_volume": "15000", "gross_profit": "2000", "gross_loss": "-765.44", "average_pnl_per_trade": "27.43", "average_win": "66",
    "average_loss": "-54", "largest_win": "250", "largest_loss": "-120", "profit_factor": "2.15", "payoff_ratio": "1.2",
    "expectancy_ratio": "0.5", "kelly_percentage": "12", "sqn": "2", "sqn_100": "2", "sqn_is_of_r": False, "trades_with_risk": 3,
    "average_risk": "20", "average_r_multiple": "1.2", "best_r_multiple": "3", "worst_r_multiple": "-1",
    "longest_winning_streak": 4, "longest_losing_streak": 2, "current_winning_streak": 1, "current_losing_streak": 0,
    "average_hold_seconds": 8100, "median_hold_seconds": 8000, "max_drawdown": "200", "roi_of_trades_percentage": "3.1",
    "few_trades": False, "reasons": {},
}  # fmt: skip
PERIOD = {"period": "MONTHLY", "period_start": "2025-12-01T00:00:00Z", "period_end": "2025-12-31T23:59:59Z"}
BEFORE = {"account_id", "benchmark", "started_at", "ended_at", "hours", "hours_valued", "metrics"}
CLOSED_AT = """
    insert into monitor.trades (account_id, id, asset, side, opened_by, opened_at, opened_hour, closed_at, closed_hour,
      entered, entry_value, exited, exit_value, gross, transferred, transferred_units, greatest_value, fees,
      interest, fills)
    values (1, %(id)s, 'SOL', 'SHORT', 'fill', '2026-05-31 20:00Z', '2026-05-31 20:00Z', %(at)s, '2026-06-01 00:00Z',
      1, 107, 1, 100, 7, 0, 0, 107, 0, 0, 3)
    """
# Half of it was bought back half-way.
MOVED = """
    insert into monitor.trade_moves (account_id, hour, number, trade_id, at, effect, kind, row, order_id, quantity, value, gain, worth)
    values (1, '2026-05-31 20:00Z', 90, 'f900001', '2026-05-31 20:00Z', 'entry', 'manual', 'f1', '', 1, 107, 0, 107),
      (1, '2026-05-31 22:00Z', 90, 'f900001', '2026-05-31 22:00Z', 'exit', 'manual', 'f2', '', 0.5, 50, 3.5, 50),
      (1, '2026-06-01 00:00Z', 90, 'f900001', '2026-06-01 00:00Z', 'exit', 'manual', 'f3', '', 0.5, 50, 3.5, 0)
    """


def check_figures(found: dict[str, Any]) -> None:
    """Every figure, of the type of the example, or null with a reason."""
    assert dict.fromkeys(FIGURES) == {key: None for key in found if key in FIGURES}
    unknown = {key for key in FIGURES if found[key] is None}
    assert unknown <= found["reasons"].keys()
    assert all(why.endswith(".") for why in found["reasons"].values())
    for key in FIGURES.keys() - unknown:
        assert type(found[key]) is type(FIGURES[key]), key
        if isinstance(FIGURES[key], str):
            assert Decimal(found[key]).is_finite() and "E" not in found[key]


def test_measures_have_what_the_trades_of_the_period_say(long_site: Site) -> None:
    for period in ("30d", "all", "all_time", "monthly"):
        told = ask(long_site, f"/performance/metrics?period={period}")
        assert told.keys() == {*FIGURES, *PERIOD, *BEFORE, "roi_percentage"}
        check_figures(told)
        assert told["period"] == period.upper()
        assert told["period_start"].endswith("Z") and told["period_end"].endswith("Z")
    assert told["total_trades"] == 0
    assert told["reasons"]["win_rate"] == "No trade was closed."
    month = ask(long_site, "/performance/metrics?period=30d")
    grown = next(one for one in month["metrics"] if one["key"] == "time_weighted_return")["account"]["value"]
    assert Decimal(month["roi_percentage"]) == pytest.approx(100 * Decimal(grown))


@pytest.mark.parametrize("query", ["", "?by=symbol", "?by=side&period=30d"])
def test_costs_by_type_and_volumes_add_up(own_site: Site, database: Database, query: str) -> None:
    untold = ask(own_site, f"/trades/metrics{query}")["total"]
    assert untold["maker_volume"] is None and "does not say whether" in untold["reasons"]["taker_volume"]
    assert "TRADING" in untold["fees_by_type"]
    with connect(database.owner_url, name="test") as owner:
        owner.execute("update monitor.fills set liquidity = case when id %% 3 = 0 then 'maker' else 'taker' end", {})
        owner.execute("update monitor.runs set weight = '{}' where id = (select max(id) from monitor.runs)")
    told = ask(own_site, f"/trades/metrics{query}")
    for one in (told["total"], *told["groups"]):
        assert {"MAKER", "TAKER", "CONVERSION"} >= one["fees_by_type"].keys() and one["fees_by_type"]
        paid = D(one["total_fees"]) + D(one["total_interest"]) - D(one["total_funding"])
        assert total(map(D, one["fees_by_type"].values())) == paid
        assert D(one["maker_volume"]) + D(one["taker_volume"]) == D(one["volume"])
    assert D(told["total"]["maker_volume"]) > 0


def test_figures_are_those_of_the_list(long_site: Site) -> None:
    listed = ask(long_site, "/trades/history")["trades"]
    counted = [Decimal(one["net_pnl"]) for one in listed if one["exit_type"] != "TRANSFER"]
    told = ask(long_site, "/trades/metrics")

    assert told.keys() == {*PERIOD, "by", "not_counted", "total", "groups"}
    assert (told["by"], told["groups"], told["not_counted"]) == (None, [], TRADES - len(counted))
    check_figures(told["total"])
    assert told["total"]["total_trades"] == len(counted)
    assert Decimal(told["total"]["total_net_pnl"]) == total(counted)
    assert told["total"]["winning_trades"] == sum(net > 0 for net in counted)
    assert Decimal(told["total"]["largest_loss"]) == min(counted)
    assert told["total"]["trades_with_risk"] == sum(one["r_multiple"] is not None for one in listed)
    invested = sum(Decimal(one["entry_price"]) for one in listed if one["exit_type"] != "TRANSFER")
    assert Decimal(told["total"]["roi_of_trades_percentage"]) == pytest.approx(100 * total(counted) / invested)
    assert ask(long_site, "/trades/metrics?exchange=gate")["total"]["total_trades"] == 0


@pytest.mark.parametrize("by", get_args(ByName))
def test_groups_add_up_to_all(long_site: Site, by: str) -> None:
    told = ask(long_site, f"/trades/metrics?by={by}&period=90d")
    for group in told["groups"]:
        assert group.keys() == {*FIGURES, "group"}
        check_figures(group)
    trades = sum(group["total_trades"] for group in told["groups"])
    if by == "tag":
        assert [group["group"] for group in told["groups"]] == ["", "breakout", "late"]
        assert trades > told["total"]["total_trades"]
        return
    assert trades == told["total"]["total_trades"] > 0
    assert total(Decimal(group["total_net_pnl"]) for group in told["groups"]) == Decimal(told["total"]["total_net_pnl"])


def test_every_grouping_can_be_asked_for() -> None:
    assert set(get_args(ByName)) == set(By)


def test_a_calendars_period_is_of_moments(own_site: Site, database: Database) -> None:
    """The last valued hour, Monday 2026-06-01 00:00, was read half a minute after what closed in it."""
    with connect(database.owner_url, name="test") as owner:
        for name, at in (("f900001", "2026-06-01 00:00Z"), ("f900002", "2026-05-31 23:59:59.9Z")):
            owner.execute(CLOSED_AT, {"id": name, "at": at})
        owner.execute(MOVED)
    ends = {"daily": "2026-06-01", "weekly": "2026-06-07", "monthly": "2026-06-30"}
    for period, end in ends.items():
        told = ask(own_site, f"/trades/metrics?period={period}")
        assert (told["total"]["total_trades"], told["total"]["total_net_pnl"]) == (1, "7")
        invested = D(107) / 2 + D("53.5") / 2
        assert told["total"]["roi_of_trades_percentage"] == plain(stored(100 * D(7) / invested))
        assert (told["period_start"], told["period_end"]) == ("2026-06-01T00:00:00Z", f"{end}T23:59:59Z")
    both = ask(own_site, "/trades/metrics?from=2026-05-31&to=2026-05-31")["total"]
    assert both["total_trades"] >= 2
    assert "of 1 of the" in ask(own_site, "/trades/metrics?period=24h")["total"]["reasons"]["roi_of_trades_percentage"]
