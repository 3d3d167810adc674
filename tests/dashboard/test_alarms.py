"""Alarms at the top of every page, what they touch, and how they end: over, or acknowledged."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from dashboard.history.accounts import Benchmark
from dashboard.pages import PAGES
from monitor.notify.store.alerts import load_open_alarms, record_acknowledgement
from tests.dashboard.site import Site
from tests.dashboard.test_pages import plain, text
from tests.venue import RunningVenue
from tests.worker import Worker

MARK = 'aria-label="see the alarm"'


def box(page: str) -> str:
    """What stands in the box at the top; nothing where there is none."""
    found = re.search(r'<section class="alarms".*?</section>', page, re.DOTALL)
    return text(found[0]) if found else ""


def table(page: str, name: str) -> list[str]:
    """The rows of the table of that name, without its head."""
    found = re.search(rf'aria-label="{name}" tabindex="0"><table.*?</table>', page, re.DOTALL)
    assert found
    return re.findall(r"<tr>.*?</tr>", found[0], re.DOTALL)[1:]


def headline(page: str) -> str:
    found = re.search(r"<h1>.*?</h1>", page, re.DOTALL)
    assert found
    return text(found[0])


def an_hour(worker: Worker, venue: RunningVenue, verb: str = "") -> None:
    venue.advance(minutes=30)
    if verb:
        venue.do(verb)
    venue.advance(minutes=30)
    worker.run(venue.now())


@pytest.fixture
def quiet(worker: Worker, venue: RunningVenue) -> Worker:
    """Two hours without anything to say."""
    worker.run(venue.now())
    an_hour(worker, venue)
    return worker


def test_vanished_coins_are_at_the_top_of_every_page_until_they_are_acknowledged(
    site: Site, quiet: Worker, venue: RunningVenue
) -> None:
    page = site.get("/").text
    assert box(page) == "" and MARK not in page

    an_hour(quiet, venue, "vanish 300 USDT")
    for path in (page.path for page in PAGES):
        said = box(site.get(path).text)
        assert said.startswith("test: 300 USDT left in the hour up to Sunday 03:00 UTC")
        assert "python -m monitor flow add --account test --out 300 USDT --at 2026-03-01T02:59Z" in said
        assert "python -m monitor notify ack" in said
    overview = site.get("/").text
    assert "; 300.00 USDT of the loss is unexplained" in headline(overview)
    assert overview.count(MARK) > 3
    assert MARK in site.get("/explain").text and MARK in site.get("/performance").text
    assert MARK in site.get("/accounts").text and MARK in site.get("/explain/hour").text

    (alarm,) = load_open_alarms(quiet.db, venue.now())
    assert (alarm.kind, alarm.value) == ("vanished", Decimal(-300))
    record_acknowledgement(quiet.db, alarm, venue.now())

    overview = site.get("/").text
    assert box(overview) == "" and MARK not in overview and "is unexplained" in headline(overview)
    assert "left in the hour up to" in text(site.get("/status").text) and "acknowledged" in site.get("/status").text
    an_hour(quiet, venue, "vanish 200 USDT")
    assert "200 USDT" in box(site.get("/").text) and "300 USDT" not in box(site.get("/").text)


def test_the_hour_is_marked_in_charts_and_in_tables_of_steps(site: Site, quiet: Worker, venue: RunningVenue) -> None:
    charts = ("values", "difference", "drawdown")
    assert not any("#a3121f" in site.get(f"/charts/light/{name}.svg").text for name in charts)

    an_hour(quiet, venue, "vanish 300 USDT")
    an_hour(quiet, venue)
    assert all("#a3121f" in site.get(f"/charts/light/{name}.svg").text for name in charts)
    assert "#ff8a80" in site.get("/charts/dark/values.svg").text
    legend = "at the head marks an hour in which something came or went that no record explains"
    assert text(site.get("/").text).count(legend) == 2
    notes = {at: site.get(f"/api/charts/values?at=2026-03-01T{at}:00").json()["note"] for at in ("02", "03", "04")}
    assert notes == {
        "02": "",
        "03": "Something came or went in this hour that no record explains.",
        "04": "1 hour before it is unexplained.",
    }
    rows = re.findall(r"<tr>.*?</tr>", site.get("/explain").text.split("Hour by hour")[-1], re.DOTALL)
    marked = [row for row in rows if MARK in row]
    assert len(rows) > 3 and len(marked) == 1 and "unexplained" in marked[0]
    assert MARK in site.get("/").text.split('id="steps"')[-1]

    (alarm,) = load_open_alarms(quiet.db, venue.now())
    record_acknowledgement(quiet.db, alarm, venue.now())
    assert not any("#a3121f" in site.get(f"/charts/light/{name}.svg").text for name in charts)
    assert "marks an hour" not in site.get("/").text


def test_a_gain_that_nobody_can_explain_is_one_too(site: Site, quiet: Worker, venue: RunningVenue) -> None:
    an_hour(quiet, venue, "airdrop 500 USDT")
    page = site.get("/").text
    assert "test: 500 USDT came in the hour" in box(page) and "--in 500 USDT" in box(page)
    assert "; 500.00 USDT of the gain is unexplained" in headline(page)


def test_figures_that_are_old_say_until_when_and_are_not_ahead_now(site: Site, quiet: Worker) -> None:
    site.late = timedelta(hours=5)
    page = site.get("/").text
    assert "test: the newest figures are 5 hours old, of Sunday 02:00 UTC" in box(page)
    assert "python -m monitor run" in box(page)
    assert re.search(r"; that was .*until Sunday 02:00 UTC", headline(page)) and " is " not in headline(page)
    assert MARK in page and all(MARK in row for row in table(site.get("/holdings").text, "Holdings by asset"))
    assert all(row.count(MARK) == 4 for row in table(page, "Returns by period"))  # the benchmark's is as old
    assert all(row.count(MARK) == row.count("</td>") for row in table(site.get("/performance").text, "Returns"))
    assert [row.count(MARK) for row in table(site.get("/performance").text, "Months, account")] == [2]  # and the year
    assert table(site.get("/explain").text, "Account beside the benchmark")[-1].count(MARK) == 3
    assert table(site.get("/accounts").text, "Accounts side by side")[-1].count(MARK) == 5
    health = text(site.get("/status").text)
    assert plain("complete 2 hours, 33.3 %") in health and "not recorded 4 hours, 66.7 %" in health
    assert "python -m monitor backfill" in health

    site.late = timedelta(days=10)
    page = site.get("/").text
    assert "10 days old, of 2026-03-01 02:00 UTC" in box(page) and "until 2026-03-01 02:00 UTC" in headline(page)


def test_a_refused_key_says_how_to_give_a_new_one(site: Site, quiet: Worker, venue: RunningVenue) -> None:
    quiet.add("other", "key-of-the-other-account-000", "secret-of-the-other-account-0")
    venue.do("account other key key-of-the-other-account-000 secret secret-of-the-other-account-0")
    venue.do("deposit 2 SOL", account="other")
    venue.do("revoke")
    an_hour(quiet, venue)
    page = site.get("/").text
    assert "test: Binance refuses the API key" in box(page) and "python -m monitor account rekey test" in box(page)
    assert box(page).count("test:") == 1 and MARK in page
    assert [alarm.kind for alarm in load_open_alarms(quiet.db, venue.now())] == ["key"]
    assert MARK in site.get("/accounts").text.partition("</h1>")[0]
    rows = table(site.get("/holdings").text, "Holdings by asset")
    assert [MARK in row for row in rows if ">SOL<" in row] == [False]  # another account's, which was read
    assert [MARK in row for row in rows if ">USDT<" in row] == [True]


def test_a_wallet_that_cannot_be_read_is_named_until_it_can(site: Site, quiet: Worker, venue: RunningVenue) -> None:
    venue.fault("/sapi/v1/asset/get-funding-asset", {"kind": "reset"})
    an_hour(quiet, venue)
    said = box(site.get("/").text)
    assert "test: no figures since Sunday 03:00 UTC: funding" in said and "account check test" in said

    venue.clear_faults()
    an_hour(quiet, venue)
    assert box(site.get("/").text) == ""


def test_a_benchmark_is_called_what_it_is() -> None:
    def name(*assets: str, rebalance: str = "never", band: Decimal | None = None) -> tuple[str, str]:
        weights = [Decimal(1) / len(assets) for _ in assets]
        made = Benchmark(name="own", assets=[*assets], weights=weights, rebalance=rebalance, band=band, is_default=True)
        return made.basket, made.rival

    assert name("BTC", "ETH") == ("50/50 BTC/ETH", "simply holding 50/50 BTC/ETH")
    assert name("BTC") == ("100 % BTC", "simply holding 100 % BTC")
    assert name("BTC", "ETH", rebalance="monthly") == ("50/50 BTC/ETH, rebalanced monthly",) * 2
    assert name("BTC", "ETH", "SOL")[0] == "33.3/33.3/33.3 BTC/ETH/SOL"
    assert name("BTC", "ETH", rebalance="band", band=Decimal("0.05"))[0] == (
        "50/50 BTC/ETH, rebalanced when 5 points off"
    )


def test_alarms_are_json_too(site: Site, quiet: Worker) -> None:
    assert site.get("/api/alarms").json() == {"alarms": []}

    site.late = timedelta(hours=5)
    (alarm,) = site.get("/api/alarms").json()["alarms"]
    assert (alarm["kind"], alarm["account_ids"], alarm["command"]) == ("stale", [1], "python -m monitor run")
    assert (alarm["since"], alarm["acknowledged_at"]) == ("2026-03-01T03:00:00Z", None)
