"""Explain, hour and accounts pages over what a real worker recorded: figures, sums, and the way to the cause."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from look import figures
from tests.dashboard.site import Site
from tests.dashboard.stage import Stage, staged
from tests.dashboard.test_pages import plain, text
from tests.postgres import Server
from tests.venue import MARKET, START, RunningVenue, open_venue  # noqa: F401
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

KEYS = {"test": ("key-of-the-test-account-0123456789", "secret-of-the-test-account-9876543210"),
        "second": ("key-of-the-second-account-012345678", "secret-of-the-second-account-876543210")}  # fmt: skip
STORY = "\n".join(
    [
        *(f"+0m account {name} key {key} secret {secret}" for name, (key, secret) in KEYS.items()),
        "+0m account test",
        "+0m deposit 10000 USDT",
        "+1m buy for 4000 BTCUSDT",
        "+1m buy for 3000 ETHUSDT",
        "+0m account second",
        "+0m deposit 5000 USDT",
    ]
)
LINK = re.compile(r'<a href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:  # noqa: F811
    """A venue with two accounts."""
    return open_venue(story=STORY)


@pytest.fixture
def own(worker: Worker, venue: RunningVenue) -> Worker:
    """Six hours of a test that adds to them; its pages are those of `site`."""
    live(worker, venue)
    return worker


def live(worker: Worker, venue: RunningVenue) -> None:
    """Six hours: a deposit, a trade, a quiet one, and something that no history tells of."""
    worker.run(venue.now())
    for verb in ("deposit 2500 USDT", "buy for 1500 SOLUSDT", "", "vanish 300 USDT", ""):
        venue.advance(minutes=30)
        if verb:
            venue.do(verb)
        venue.advance(minutes=30)
        worker.run(venue.now())


def live_alone(open_worker: Opener, venue: RunningVenue) -> Worker:
    """Those hours of the first account."""
    worker = open_worker(venue)
    worker.add()
    live(worker, venue)
    return worker


@pytest.fixture(scope="module")
def alone(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(server, tmp_path_factory.mktemp("alone"), STORY, live_alone) as made:
        yield made


@pytest.fixture
def lived(alone: Stage) -> Worker:
    return alone.worker


@pytest.fixture
def pages(alone: Stage) -> Site:
    return alone.site


def links(page: str) -> dict[str, str]:
    """Where the links of the main part lead, by their text."""
    main = page[page.index("<main") :]
    return {text(name).strip(): html.unescape(href) for href, name in LINK.findall(main)}


def table(page: str, label: str) -> list[list[str]]:
    """The cells of the table in the region with that label, as a reader sees them."""
    region = page[page.index(f'aria-label="{label}"') :]
    region = re.sub(r'<span class="mark".*?</span>', "", region[: region.index("</table>")])
    rows = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in re.split(r"<tr", region)[1:])
    return [[text(cell).strip() for cell in row] for row in rows]


def amount(cell: str) -> Decimal:
    """What a cell says; nothing is nothing."""
    return Decimal(cell.replace(",", "").replace("\N{MINUS SIGN}", "-") or "0")


def explained(worker: Worker, account: int = 1) -> list[dict[str, Any]]:
    return worker.rows("select * from explanations where account_id = %(a)s order by hour", a=account)


def test_from_the_overview_the_deposit_is_three_clicks_away(pages: Site, lived: Worker) -> None:
    first = pages.get(links(pages.get("/").text)["Explain all of it"]).text
    hour = explained(lived)[0]["hour"]
    second = pages.get(links(first)[figures.minute(hour)]).text

    assert "2,500 USDT" in text(second) and "+2,500.00" in second
    third = pages.get(links(second)["The day's ledger, with corrections"]).text
    assert "2,500 USDT" in text(third) and "deposit" in text(third)


def test_the_hour_that_made_the_difference_is_two_clicks_away_and_names_its_cause(pages: Site, lived: Worker) -> None:
    (hour,) = [row["hour"] for row in explained(lived) if row["state"] == "unexplained"]
    overview = pages.get("/").text
    ranked = table(overview, "What made the difference")
    assert ranked[1][0] == figures.minute(hour) and ranked[1][2] == "unexplained"

    page = pages.get(links(overview)[figures.minute(hour)]).text
    assert "300 USDT" in text(page) and "python -m monitor flow add" in text(page)


def test_the_period_is_the_sum_of_its_hours_to_the_cent(pages: Site, lived: Worker) -> None:
    page = pages.get("/explain?account=1").text
    before, after = (lived.hours()[index]["nav"] for index in (0, -1))
    head, *sides, foot = table(page, "Account beside the benchmark")

    assert head == ["Part", "Difference", "Account", "Benchmark"]
    for column in (1, 2, 3):
        assert sum(amount(row[column]) for row in sides) == amount(foot[column])
    assert abs(amount(foot[2]) - (after - before)) < Decimal("0.02")
    told = {row[0].removesuffix(" coin mix"): amount(row[2]) for row in sides}
    rows = explained(lived)
    assert told["Money in and out"] == 2500
    assert told["Unexplained"] == -300
    for name, part in (("Trading", "trading"), ("Fees", "fees"), ("Prices", "price_effect")):
        assert abs(told[name] - sum(row[part] for row in rows)) < Decimal("0.02")


@pytest.mark.parametrize("path", ["/explain?account=1", "/explain/hour?account=1&hour={trade:%Y-%m-%dT%H}"])
def test_assets_add_up_in_rows_and_columns(pages: Site, lived: Worker, path: str) -> None:
    page = pages.get(path.format(trade=explained(lived)[1]["hour"])).text
    head, *rows, foot = table(page, "Change by asset")

    for row in [*rows, foot]:
        assert sum(amount(cell) for cell in row[1:-1]) == amount(row[-1]), row[0]
    for column in range(1, len(head)):
        assert sum(amount(row[column]) for row in rows) == amount(foot[column]), head[column]
    swapped = {row[0]: amount(row[head.index("Swapped")]) for row in rows}
    assert swapped["SOL"] > 1490 and swapped["SOL"] == -swapped["USDT"]


def test_prices_of_an_asset_are_what_its_hours_say(pages: Site, lived: Worker) -> None:
    head, *rows = table(pages.get("/explain?account=1").text, "Change by asset")
    shown = {row[0]: amount(row[head.index("Prices")]) for row in rows}
    for asset in ("BTC", "ETH", "SOL"):
        stored = [row["assets"].get(asset, {}).get("value", {}).get("price_effect", "0") for row in explained(lived)]
        assert abs(shown[asset] - sum(map(Decimal, stored))) < Decimal("0.02"), asset


def test_an_hour_shows_what_it_was_valued_with(pages: Site, lived: Worker) -> None:
    hour = explained(lived)[1]
    page = pages.get(f"/explain/hour?hour={hour['hour']:%Y-%m-%dT%H}").text
    fill = lived.rows("select * from fills")[0]
    _, trade = table(page, "Trades")
    assert trade[1:3] == ["SOLUSDT spot", f"{figures.quantity(fill['base_quantity'])} SOL"]

    prices = {row[0]: row for row in table(page, "Quantities and prices")}
    assert prices["BTC"][5] == figures.price(Decimal(hour["assets"]["BTC"]["price"]))
    assert prices["SOL"][7] == "SOLUSDT" and "trading +" in prices["SOL"][3]
    readings = table(page, "Readings")
    assert readings[1][0] == figures.exact(lived.hours()[2]["taken_at"])
    assert readings[1][2] == figures.money(lived.hours()[2]["nav"])


def test_coins_add_up_to_the_choice_of_coins(pages: Site, lived: Worker) -> None:
    page = pages.get(f"/explain/hour?hour={explained(lived)[2]['hour']:%Y-%m-%dT%H}").text
    _, *rows, foot = table(page, "Coin by coin")
    choice = next(row for row in table(page, "Account beside the benchmark") if row[0].startswith("Prices"))
    for column in (1, 2, 3):
        assert sum(amount(row[column]) for row in rows) == amount(foot[column])
    assert [amount(cell) for cell in foot[1:4]] == [amount(cell) for cell in choice[1:]]


def test_a_period_is_told_coin_by_coin_while_the_benchmark_held_the_same(
    site: Site, own: Worker, venue: RunningVenue
) -> None:
    assert "Coin by coin" not in site.get("/explain").text  # the benchmark bought for the deposit

    venue.advance(hours=24)
    own.run(venue.now())
    page = site.get("/explain?period=24h").text
    _, *rows, foot = table(page, "Coin by coin")
    choice = next(row for row in table(page, "Account beside the benchmark") if row[0].startswith("Prices"))
    assert [sum(amount(row[column]) for row in rows) for column in (1, 2, 3)] == [amount(cell) for cell in foot[1:4]]
    assert [amount(cell) for cell in foot[1:4]] == [amount(cell) for cell in choice[1:]]
    assert "Of the difference, " in page


def test_an_hour_with_a_flow_does_not_guess_what_each_of_the_benchmarks_coins_made(pages: Site, lived: Worker) -> None:
    page = text(pages.get(f"/explain/hour?hour={explained(lived)[0]['hour']:%Y-%m-%dT%H}").text)
    assert "its gains can't be split by coin" in page


def test_an_hour_that_changed_says_when_and_why(site: Site, own: Worker) -> None:
    hour = explained(own)[1]["hour"]
    path = f"/explain/hour?hour={hour:%Y-%m-%dT%H}"
    assert "Changes since it was first shown None." in text(site.get(path).text)
    own.db.execute(
        "insert into history_changes (account_id, changed_at, since_hour, hours, reason) values (1, %(at)s, %(hour)s, 1,"
        " 'a deposit came late')",
        {"hour": hour, "at": hour + timedelta(hours=3)},
    )
    page = text(site.get(path).text)
    assert f"Changed at {figures.utc(hour + timedelta(hours=3))}" in page and "because a deposit came late" in page


def test_what_one_days_rebuilding_changes_part_by_part_is_one_line(site: Site, own: Worker) -> None:
    hour = explained(own)[1]["hour"]
    own.db.execute(
        "insert into history_changes (account_id, changed_at, since_hour, hours, reason)"
        " select 1, %(hour)s + n * interval '1 minute', %(hour)s, n, 'it was rebuilt' from generate_series(121, 123) n",
        {"hour": hour},
    )
    for path in ("/", "/status", f"/explain/hour?hour={hour:%Y-%m-%dT%H}"):
        page = text(site.get(path).text)
        assert page.count("it was rebuilt") == 1 and "All changes" not in page, path
        assert "orrect" not in page, path  # a rebuilding corrects nothing


def test_a_gap_is_said_on_the_hour_before_and_after_it(site: Site, worker: Worker, venue: RunningVenue) -> None:
    worker.run(venue.now())
    venue.advance(hours=1)
    venue.do("airdrop 3 MYSTERY")
    venue.fault("/sapi/v1/asset/wallet/balance", {"status": 500, "body": "oops"})  # nobody says what it may be worth
    worker.run(venue.now())
    (_, partial) = worker.hours()
    page = text(site.get(f"/explain/hour?hour={partial['hour']:%Y-%m-%dT%H}").text)
    assert "partial" in page and "3 MYSTERY in spot has no price" in page
    assert "one hour with figures" in text(site.get("/explain").text)
    opening = text(site.get(f"/explain/hour?hour={worker.hours()[0]['hour']:%Y-%m-%dT%H}").text)
    assert "The first hour with figures" in opening and "opening" in opening


@pytest.mark.parametrize(("query", "status"), [("hour=2020-01-01T00", 404), ("hour=noon", 400), ("hour=%00", 400)])
def test_hours_that_are_none_are_refused(pages: Site, lived: Worker, query: str, status: int) -> None:
    assert pages.get(f"/explain/hour?{query}").status_code == status


def live_together(open_worker: Opener, venue: RunningVenue) -> Worker:
    """A second account joins, and gets 400 USDT from the first."""
    worker = live_alone(open_worker, venue)
    worker.add("second", *KEYS["second"])
    venue.advance(hours=1)
    worker.run(venue.now())
    venue.do("send 400 USDT to second fee 1")
    for _ in range(2):
        venue.advance(hours=1)
        worker.run(venue.now())
    return worker


@pytest.fixture(scope="module")
def pair(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(server, tmp_path_factory.mktemp("pair"), STORY, live_together) as made:
        yield made


def test_all_accounts_together_add_up_and_a_transfer_between_them_is_no_flow(pair: Stage) -> None:
    page = pair.site.get("/explain?account=0").text
    _, *rows, foot = table(page, "Account beside the benchmark")
    told = {row[0].removesuffix(" coin mix"): amount(row[2]) for row in rows}
    joined = pair.worker.hours(2)[0]["nav"]
    assert abs(told["Money in and out"] - (2500 + joined)) < Decimal("0.02")
    assert "Between accounts" not in told
    [(paid, sent)] = [
        (row["fees"], row["sent"])
        for row in pair.worker.rows(
            "select sum(fees) as fees, sum((kinds -> 'fees' ->> 'withdrawal_fee')::numeric) as sent from explanations"
            " where account_id = 0"
        )
    ]
    assert sent == -1 and abs(told["Fees"] - paid) < Decimal("0.02")
    first, last = (pair.worker.hours(0)[index]["nav"] for index in (0, -1))
    assert abs(amount(foot[2]) - (last - first)) < Decimal("0.02")

    head, *assets, total = table(page, "Change by asset")
    (usdt,) = [row for row in assets if row[0] == "USDT"]
    assert amount(usdt[head.index("Money in and out")]) == 2500 + 5000
    for column in range(1, len(head)):
        assert sum(amount(row[column]) for row in assets) == amount(total[column]), head[column]


def test_accounts_stand_side_by_side_and_add_up(pair: Stage) -> None:
    page = pair.site.get("/accounts").text
    _, *rows = table(page, "Accounts side by side")
    navs = {row[0]: amount(row[2]) for row in rows}
    assert navs["All accounts"] == sum(nav for name, nav in navs.items() if name != "All accounts")
    assert {"test", "second"} < set(navs)
    returned = {row[0]: row[3] for row in rows}
    for name, number in (("test", 1), ("second", 2)):
        first, last = (pair.worker.hours(number)[index]["unit_price"] for index in (0, -1))
        assert returned[name].startswith(plain(figures.percent(last / first - 1)))
    assert re.search(r"2 accounts, together ([\d,.]+ USDT (ahead of|behind)|level with) ! simply holding", text(page))
    transfers = table(pair.site.get("/flows?period=all").text, "Transfers between accounts")
    assert any(row[2:5] == ["test", "second", "400 USDT"] for row in transfers)
    assert table(pair.site.get("/flows?period=all&account=second").text, "Transfers between accounts") == transfers
    [moved] = pair.site.get("/api/transfers").json()["rows"]
    assert (moved["amount"], moved["arrived"], moved["fee"]) == ("400", "400", "1")
    assert (moved["from_label"], moved["to_label"], moved["from_exchange"]) == ("test", "second", "binance")
    assert pair.site.get("/api/transfers?account=second").json()["rows"] == [moved]
    head, *rows = table(page, "Keys")
    keys = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert keys["test"]["Key"].startswith("works") and keys["test"]["May do more than read"] == "no"


def test_one_account_alone_is_told_how_to_add_another(pages: Site, lived: Worker) -> None:
    page = text(pages.get("/accounts").text)
    assert "One account" in page and "python -m monitor account add" in page
