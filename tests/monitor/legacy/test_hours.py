"""Old orders inside valued history: a fill is booked only where its hour lacks it, and gives way to the exchange's own."""

import json
from decimal import Decimal
from typing import Any

import pytest

from monitor.__main__ import parse_arguments
from monitor.commands.trade_sync import sync_all
from monitor.performance.verification import verify
from monitor.recovery import syncing
from tests.dashboard.site import Site
from tests.monitor.legacy.old_database import order, write_folder
from tests.monitor.test_contract_fills import STORY
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener as WorkerOpener
from tests.worker import Worker

TRADES = "/api/v3/myTrades"


@pytest.fixture
def calls(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> Any:
    """Imports old orders for good; returns what the report says of the first."""

    def call(worker: Worker, venue: RunningVenue, *orders: dict[str, Any]) -> dict[str, Any]:
        write_folder(tmp_path / "old", {"orders": orders})
        asked = parse_arguments(["import-legacy", "--from", str(tmp_path / "old"), "--json", "--apply"])
        capsys.readouterr()
        asked.run(worker.db, worker.settings, asked, venue.now())
        found: dict[str, Any] = json.loads(capsys.readouterr().out)["accounts"][0]["orders"][0]
        return found

    return call


def sell_unseen(worker: Worker, venue: RunningVenue) -> dict[str, Any]:
    """A tenth of an ETH is sold, of which the hour reads no fill; returns it as the old system had it."""
    worker.run(venue.now())
    venue.fault(TRADES, {"status": 200, "body": "[]"})
    venue.advance(minutes=30)
    venue.do("sell 0.1 ETHUSDT")
    fill = venue.exchange.venue.accounts["test"].fills[-1]
    for _ in range(2):
        venue.advance(minutes=30)
        worker.run(venue.now())
    venue.clear_faults()
    return order(1, fill.order or fill.id, symbol="ETHUSDT", side="SELL", quantity="0.1", price=f"{fill.price:f}",
                 order_timestamp=fill.at.isoformat(), filled_timestamp=fill.at.isoformat())  # fmt: skip


def navs(worker: Worker) -> list[dict[str, Any]]:
    return worker.rows("select account_id, hour, nav, units, unit_price from nav_history order by account_id, hour")


def states(worker: Worker) -> list[str]:
    return [row["state"] for row in worker.rows("select state from explanations where account_id = 1 order by hour")]


def eth(worker: Worker) -> list[dict[str, Any]]:
    columns = "legacy, base_quantity, quote_quantity"
    return worker.rows(f"select {columns} from fills where base_asset = 'ETH' and base_quantity < 0 order by id")


def test_a_missing_fill_is_booked_and_gives_way_to_the_exchanges_own(
    worker: Worker, venue: RunningVenue, site: Site, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "PAUSE_SECONDS", 0)
    old = sell_unseen(worker, venue) | {"order_role": "SL", "note": "<given up>"}
    before = navs(worker)
    assert states(worker) == ["unexplained"] and eth(worker) == []

    assert calls(worker, venue, old)["becomes"] == "booked"
    venue.advance(hours=1)
    worker.run(venue.now())
    assert states(worker)[0] in ("tolerance", "unexplained")  # but for its fee, which nobody knew
    [trade] = worker.rows("select * from trades where asset = 'ETH' and account_id = 1")
    assert trade["exited"] == Decimal("0.1") and trade["fills"] == 1
    assert worker.rows("select role, source from trade_orders where order_id <> ''") == [
        {"role": "sl", "source": "legacy"}
    ]
    assert [row for row in navs(worker) if row["hour"] <= before[-1]["hour"]] == before
    assert verify(worker.db).differences == ()

    hour = site.get(f"/explain/hour?account=1&hour={before[1]['hour']:%Y-%m-%dT%H}").text
    assert "spot, by an older system" in hour and "<td>not known</td>" in hour
    orders = site.get("/orders?account=1&period=all&find=given").text
    assert "by an older system" in orders and "<small>&lt;given up&gt;</small>" in orders
    assert [one["note"] for one in site.get("/api/orders?account=1").json()["rows"]] == ["<given up>"]
    assert {one["source"] for one in site.get("/api/fills?account=1").json()["rows"]} == {"legacy"}

    sync_all(worker.db, worker.settings, None, venue.now())
    assert {one["source"] for one in site.get("/api/fills?account=1").json()["rows"]} == {"exchange"}
    assert [one["legacy"] for one in eth(worker)] == ["given_way", None]
    assert states(worker)[0] == "explained"
    [again] = worker.rows("select * from trades where asset = 'ETH' and account_id = 1")
    assert again["exited"] == trade["exited"] and again["fees"] > 0
    assert [row for row in navs(worker) if row["hour"] <= before[-1]["hour"]] == before
    assert verify(worker.db).differences == ()
    explained, fills = worker.rows("select * from explanations order by account_id, hour"), eth(worker)
    assert calls(worker, venue, old)["becomes"] == "before"
    other = calls(worker, venue, old | {"order_id": 777})  # the same sale under a number that the exchange never showed
    assert (other["becomes"], other["reason"].endswith("fits without it: no fill")) == ("order", True)
    assert worker.rows("select * from explanations order by account_id, hour") == explained and eth(worker) == fills
    assert worker.rows("select * from recomputations where account_id = 1") == []
    later = calls(worker, venue, old | {"order_id": 778, "order_timestamp": f"{venue.now()}", "filled_timestamp": ""})
    assert later["becomes"] == "later" and worker.rows("select 1 from legacy_orders where exchange_id = '778'") == []


def test_old_trades_in_contracts_stand_beside_those_of_their_fills(
    open_venue: VenueOpener, open_worker: WorkerOpener, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    venue = open_venue(STORY)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    for line in ("short 0.2 BTCUSDT", "close 0.05 BTCUSDT", "close BTCUSDT"):
        venue.advance(minutes=10)
        venue.do(line)
    venue.advance(minutes=30)
    worker.run(venue.now())
    entry, *exits = worker.rows("select order_id, price, abs(quantity) as quantity from contract_fills order by id")
    parent = {"parent_order_id": entry["order_id"]}
    roles = [{"side": "SELL", "order_role": "ENTRY"}, {"order_role": "TP1"} | parent, {"order_role": "SL"} | parent]
    rows = [
        order(number, fill["order_id"], quantity=fill["quantity"], price=fill["price"], **role)
        for number, (fill, role) in enumerate(zip([entry, *exits], roles, strict=True), 1)
    ]
    write_folder(tmp_path / "old", {"orders": rows})
    asked = parse_arguments(["import-legacy", "--from", str(tmp_path / "old"), "--json", "--apply"])
    capsys.readouterr()
    asked.run(worker.db, worker.settings, asked, venue.now())
    [account] = json.loads(capsys.readouterr().out)["accounts"]
    assert [one["becomes"] for one in account["orders"]] == ["linked"] * 3
    assert len(account["trades"]) == 2  # what the old script makes of these orders
    for old, fill in zip(account["trades"], exits, strict=True):
        gain = (entry["price"] - fill["price"]) * fill["quantity"]
        assert Decimal(old["gross"]) == (entry["price"] - fill["price"]) * entry["quantity"]
        assert Decimal(old["ours"]["gain"]) == gain and old["side"] == "SHORT"
        assert [Decimal(one["amount"]) for one in old["differences"]] == [gain - Decimal(old["gross"])] != [0]
    assert worker.rows("select * from fills where legacy is not null") == []
