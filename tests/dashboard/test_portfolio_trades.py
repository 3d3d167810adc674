"""What pages and JSON say of a portfolio's trades: its own, as if its accounts were one; of one account, that account's."""

from collections.abc import Iterator
from csv import DictReader
from typing import Any

import pytest

from dashboard.history.gains import load_costs_of
from dashboard.history.trip_orders import SORTS
from finance.trade_notes import TradeNote
from look.figures import money, share, signed_money, signed_usdt, usdt
from look.figures import rate as rate_text
from monitor.trading.store.notes import find_trades, record_note
from sql.connect import connect
from sql.rows import Db
from tests.dashboard.stage import Stage, staged
from tests.dashboard.test_pages import plain, text
from tests.monitor.notation import D
from tests.monitor.trading.test_portfolio_trades import STORY, next_hour, track
from tests.postgres import Server
from tests.venue import RunningVenue
from tests.worker import Opener, Worker


def live(open_worker: Opener, venue: RunningVenue) -> Worker:
    """Bitcoin is bought at one account and sold at the other; Ether is on its way between them for an hour."""
    pair = track(open_worker(venue))
    pair.run(venue.now())
    next_hour(pair, venue, ("first", "buy 0.1 BTCUSDT"), ("second", "buy 0.5 ETHUSDT"))
    next_hour(
        pair,
        venue,
        ("first", "send 0.07 BTC to second fee 0.0005"),
        ("first", "send 0.5 ETH to second arriving after 1h"),
    )
    next_hour(
        pair, venue, ("second", "sell 0.07 BTCUSDT"), ("first", "sell 0.0294 BTCUSDT"), ("second", "sell 0.2 ETHUSDT")
    )
    [trade] = find_trades(
        pair.db, pair.rows("select id from trades where account_id = 0 and asset = 'BTC'")[0]["id"], "first"
    )
    record_note(pair.db, trade, TradeNote(tags=("breakout",)), venue.now())
    return pair


@pytest.fixture(scope="module")
def stage(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(server, tmp_path_factory.mktemp("pair"), STORY, live) as made:
        yield made


def ask(stage: Stage, path: str) -> Any:
    return stage.site.get(f"/api{path}").json()


def test_a_portfolio_has_its_own_trades_and_an_account_its_own(stage: Stage) -> None:
    [trade] = ask(stage, "/trades/history?portfolio=all")["trades"]
    assert (trade["symbol"], D(trade["quantity"]), trade["exchange"], trade["tags"]) == (
        "BTCUSDT",
        D("0.1"),
        None,
        ["breakout"],
    )
    assert "several exchanges" in trade["reasons"]["exchange"]
    apart = [ask(stage, f"/trades/history?account={number}")["trades"] for number in (1, 2)]
    assert [len(found) for found in apart] == [1, 1]
    assert [one["exchange"] for one in apart[0]] == ["binance"]
    at_exchange = ask(stage, "/trades/history?portfolio=all&exchange=binance")["trades"]
    assert sorted(at_exchange, key=str) == sorted(apart[0] + apart[1], key=str)
    assert ask(stage, "/trades/history?tag=breakout")["total_trades"] == 1

    one = ask(stage, f"/trades/{trade['id']}")
    assert (one["account_id"], one["is_counted"], len(one["exits"])) == (0, True, 2)
    there = ask(stage, f"/trades/{apart[1][0]['id']}")  # of one account alone: an old link still leads to it
    assert there["account_id"] == 2


def test_what_groups_of_accounts_are_of_is_said(stage: Stage) -> None:
    told = ask(stage, "/trades/metrics?by=account")
    assert told["total"]["total_trades"] == 1
    assert told["groups"] == []  # at each of them coins came or went unsold: no decision from beginning to end


def test_pages_show_them(stage: Stage) -> None:
    page = text(stage.site.get("/trades").text)
    assert "One closed trade of all accounts" in page and "Booked as if its accounts were one" in page
    name = ask(stage, "/trades/history")["trades"][0]["id"]
    assert "Of All accounts, booked as if its accounts were one" in text(
        stage.site.get(f"/trades/trade?trade={name}").text
    )
    assert f"paid {usdt(-D(ask(stage, '/portfolio/explanation')['fees']))} USDT in fees" in text(
        stage.site.get("/fees").text
    )


def test_what_is_on_its_way_is_no_gain(stage: Stage) -> None:
    """Of the coins that the accounts held meanwhile the cost is theirs, not that of all."""
    held = stage.worker.rows(
        "select n.hour, sum(h.free) as units, (e.assets -> 'ETH' ->> 'after')::numeric as whole,"
        " (select (costs ->> 'ETH')::numeric from explanations c where c.account_id = 0 and c.hour <= n.hour"
        "  and costs is not null order by c.hour desc limit 1) as cost"
        " from nav_history w join nav_history n using (hour) join holdings h on h.snapshot_id = n.snapshot_id"
        " join explanations e on e.account_id = 0 and e.hour = w.hour"
        " where w.account_id = 0 and w.in_transit <> 0 and h.asset = 'ETH' group by n.hour, e.assets order by 1"
    )
    assert [row["whole"] - row["units"] for row in held] == [D("0.5")]
    with connect(stage.site.database_url, name="test", schema="reading", read_only=True) as db:
        costs = load_costs_of(db, 0, held[0]["hour"])
    assert costs
    assert abs(costs["ETH"] / held[0]["units"] - held[0]["cost"] / held[0]["whole"]) < D("1e-12")


def test_round_trips_are_pairs_and_no_trades(stage: Stage) -> None:
    """Bitcoin was bought once and sold twice; what went as fees and to the network came first out of it."""
    told = ask(stage, "/trades/round-trips?portfolio=all&symbol=BTC")
    [first, second] = told["round_trips"]
    [trade] = ask(stage, "/trades/history?portfolio=all")["trades"]
    assert {first["symbol"], second["symbol"]} == {"BTCUSDT"}
    assert {first["trade_id"], second["trade_id"]} == {trade["id"]}
    assert D(first["quantity"]) + D(second["quantity"]) == D("0.0994")
    assert told["total_round_trips"] == 2
    assert (
        D(told["total_gain"])
        == D(first["gain"]) + D(second["gain"])
        == D(first["exit_value"]) - D(first["entry_value"]) + D(second["exit_value"]) - D(second["entry_value"])
    )
    assert abs(D(told["total_gain"]) - D(trade["gross_pnl"])) < D("0.00000001")  # all had cost the same
    lines = stage.site.get("/api/trades/round-trips.csv?portfolio=all").text.splitlines()
    assert len(lines) == 4 and lines[0].startswith("symbol,side,quantity")
    whole = ask(stage, "/trades/round-trips?portfolio=all")["round_trips"]
    assert [row["gain"] for row in DictReader(lines)] == [one["gain"] for one in whole]
    for sort in (way + name for name in SORTS for way in ("", "-")):
        found, cursor, path = [], "", f"/trades/round-trips?portfolio=all&sort={sort}"
        while cursor is not None:
            page = ask(stage, f"{path}&limit=1{cursor}")
            found += page["round_trips"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        assert found == ask(stage, path)["round_trips"] and len(found) == 3 == page["total_round_trips"], sort
        values = [one[sort.removeprefix("-")] for one in found]
        values = values if SORTS[sort.removeprefix("-")][1] != "numeric" else [*map(D, values)]
        assert values == sorted(values, reverse=sort.startswith("-")), sort
    assert found != whole and sorted(map(str, found)) == sorted(map(str, whole))
    looked_for = stage.site.get("/api/trades/round-trips.csv?portfolio=all&q=eTh&sort=gain").text.splitlines()
    assert (
        [row["gain"] for row in DictReader(looked_for)]
        == [one["gain"] for one in whole if "ETH" in one["symbol"]]
        != []
    )

    [ether] = ask(stage, "/trades/round-trips?symbol=ETH")["round_trips"]
    page = text(stage.site.get("/trades").text)
    assert "Round trips in what is open these are not trades" in page  # those of bitcoin are closed
    shown = page.split("these are not trades")[1]
    assert signed_usdt(D(ether["gain"])) in shown and "BTCUSDT" not in shown
    assert "these are not trades" not in text(stage.site.get("/trades?account=first").text)


CONTRACT = """
insert into monitor.trades (account_id, id, asset, side, opened_by, opened_at, opened_hour, closed_at, closed_hour,
  entered, entry_value, exited, exit_value, gross, transferred, transferred_units, greatest_value, fees, interest, fills,
  ended_by, market, position_side, settle, contract_size, settled_entry, settled_exit, settled_gross, stated)
select account_id, %(id)s, 'BTCUSDT', side, opened_by, opened_at, opened_hour, closed_at, closed_hour,
  1, 60000, 1, 61000, 1000, 0, 0, 61000, 30, 0, 2, 'manual', 'futures', 'both', 'USDT', 1, 60000, 61000, 1000, 1000
from monitor.trades
where account_id = 1 and asset = 'BTC' and closed_at is not null
"""


def count(db: Db) -> dict[int, dict[str, Any]]:
    """What the day says of closed trades, by account; 0 is the portfolio."""
    rows = db.execute(
        "select account_id, trades, won, trades * average_net as net, open_trades from reading.daily_snapshots"
    ).fetchall()
    return {row.pop("account_id"): row for row in rows}


def test_days_of_a_portfolio_have_its_accounts_trades_in_contracts(stage: Stage) -> None:
    with connect(stage.database.owner_url, name="test") as owner, owner.transaction(force_rollback=True):
        before = count(owner)
        owner.execute(CONTRACT, {"id": "c1"})
        closed = count(owner)
        owner.execute("update monitor.trades set closed_at = null, closed_hour = null where id = 'c1'")
        is_open = count(owner)
    for number, more in ((0, 1), (1, 1), (2, 0)):
        one = before[number]
        assert closed[number] == one | {
            "trades": one["trades"] + more, "won": one["won"] + more, "net": one["net"] + 970 * more
        }  # fmt: skip
        assert is_open[number] == one | {"open_trades": one["open_trades"] + more}


def test_accounts_stand_side_by_side(stage: Stage) -> None:
    """Each as its own day, its own balances and its own fills say; the page says what the API does."""
    page = text(stage.site.get("/").text.split('id="members"')[1].split("</section>")[0])
    members = ask(stage, "/portfolio/accounts")["accounts"]
    assert [one["label"] for one in members] == ["first", "second"]
    for one in members:
        days = ask(stage, f"/portfolio/daily?account={one['account_id']}")["rows"]
        assert (one["nav"], one["realized_today"], one["unrealized"]) == (
            days[-1]["total"],
            days[-1]["realised"],
            days[-1]["unrealised"],
        ), "the story is of one day"
        assets = ask(stage, f"/balances/summary?account={one['account_id']}")["assets"]
        shares = sorted(((D(a["share"]), a["asset"]) for a in assets), reverse=True)[:3]
        assert [(round(D(a["share"]), 12), a["asset"]) for a in one["largest"]] == [
            (round(s, 12), a) for s, a in shares
        ]
        fills = [f for f in ask(stage, f"/fills?account={one['account_id']}")["rows"] if f["quote_asset"] == "USDT"]
        fees = [f for f in ask(stage, f"/fees?account={one['account_id']}")["rows"] if f["type"] == "TAKER"]
        rate = sum(D(f["value"]) for f in fees) / sum(abs(D(f["quote_quantity"])) for f in fills)
        assert rate > 0 and round(D(one["taker_paid"]), 12) == round(rate, 12)
        assert one["maker_paid"] is None and "last 30 days" in one["reasons"]["maker_paid"]
        shown = (money(D(one["nav"])), signed_money(D(one["realized_today"])), signed_money(D(one["unrealized"])))
        largest = ", ".join(f"{a['asset']} {share(D(a['share']))}" for a in one["largest"])
        paid = f"– / {rate_text(D(one['taker_paid']))}"
        line = (one["label"], "Binance", *shown, paid, one["key_may"], largest)
        assert plain(" ".join(line)) in plain(page)
    [alone] = ask(stage, "/portfolio/accounts?account=second")["accounts"]
    assert alone == members[1]


def test_lists_of_a_portfolio_are_of_one_inventory(stage: Stage) -> None:
    """Its explanations are its own; its fees are those of its accounts, but of own transfers the network's alone, once."""
    explained = ask(stage, "/portfolio/explanation")
    hours = ask(stage, "/explanations")["rows"]
    assert {row["account_id"] for row in hours} == {0}
    assert sum(D(row["nav_change"]) for row in hours) == D(explained["nav_change"])
    fees = ask(stage, "/fees")["rows"]
    assert sum(D(row["value"]) for row in fees) == -D(explained["fees"])
    moved = [(row["type"], row["account_id"], row["asset"], row["quantity"]) for row in fees if row["asset"] == "BTC"]
    assert ("TRANSFER", 1, "BTC", "0.0005") in moved and "WITHDRAWAL" not in {row["type"] for row in fees}
    shown = stage.site.get("/fees").text.split('id="fees"')[1]
    assert shown.count("<tr>") == 1 + len(fees)
    apart = ask(stage, "/fees?account=first")["rows"]
    assert [row["quantity"] for row in apart if row["type"] == "WITHDRAWAL"] == ["0.0005"]
    saved = DictReader(stage.site.get("/api/fees.csv").text.splitlines())
    assert [row["id"] for row in saved] == [row["id"] for row in fees]
