"""Portfolios on every page, in every file and every answer: chosen by key, and their rows those of their members alone."""

from collections import defaultdict
from collections.abc import Iterator
from csv import DictReader
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.api.lists import PATHS
from dashboard.api.searched_lists import PATHS as SEARCHED
from dashboard.pages import PAGES
from dashboard.tables import TABLES
from look.figures import signed_usdt, usdt
from tests.dashboard.site import Site
from tests.dashboard.stage import Stage, staged
from tests.dashboard.test_pages import text
from tests.monitor.notation import D
from tests.monitor.test_portfolios import STORY, make, next_hour, order, track
from tests.postgres import Database, Server
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

CHOSEN = ("/portfolio/snapshot", "/portfolio/explanation", "/portfolio/at?date=2026-03-01", "/performance/metrics",
          "/balances", "/balances/summary", *PATHS.values(), *SEARCHED.values())  # fmt: skip


def short(amount: Decimal) -> str:
    """The amount without zeros at its end."""
    return f"{amount:f}".rstrip("0").rstrip(".")


def live(open_worker: Opener, venue: RunningVenue) -> Worker:
    """A portfolio of one and two, which three joins with the third hour: before and after it everybody gets something."""
    three = track(open_worker, venue)
    make(three, venue)
    next_hour(three, venue, ("one", "deposit 100 USDT"), ("three", "deposit 70 USDT"), ("three", "buy 0.1 BNBUSDT"))
    order(three, venue, "portfolio", "members", "pair", "--add", "three")
    next_hour(three, venue, ("two", "buy 0.1 ETHUSDT"))
    next_hour(three, venue, ("three", "deposit 30 USDT"), ("one", "send 20 USDT to two"))
    return three


@pytest.fixture(scope="module")
def stage(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(server, tmp_path_factory.mktemp("portfolios"), STORY, live) as made:
        yield made


@pytest.fixture
def pages(stage: Stage) -> Site:
    return stage.site


@pytest.fixture
def three(stage: Stage) -> Worker:
    return stage.worker


def ask(site: Site, path: str) -> Any:
    answer = site.get(f"/api{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def with_query(path: str, choice: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{choice}"


def test_it_is_chosen_on_every_page_and_in_every_answer(pages: Site, three: Worker) -> None:
    for page in PAGES:
        found = pages.get(f"{page.path}?portfolio=pair")
        assert found.status_code == 200, page.path
        chooser = "portfolio=pair" if page.name == "market" else 'portfolio=pair" aria-current="true">The pair</a>'
        assert chooser in found.text, page.path
    for path in CHOSEN:
        told = ask(pages, with_query(path, "portfolio=pair"))
        assert told.get("account_id", -1) == -1, path
    last = three.hours(-1)[-1]
    told = ask(pages, "/portfolio/snapshot?portfolio=pair")
    assert told["exchange"] == "binance"  # both are there
    assert (told["nav"], told["unit_price"], told["label"]) == (
        *map(short, (last["nav"], last["unit_price"])),
        "The pair",
    )


def test_it_is_chosen_in_every_file(pages: Site, three: Worker) -> None:
    for name in TABLES:
        found = pages.get(f"/export/{name}.csv?portfolio=pair")
        assert found.status_code == 200, name
        assert 'filename="portfolio-pair-' in found.headers["content-disposition"]
    series = list(DictReader(pages.get("/export/series.csv?portfolio=pair").text.splitlines()))
    assert [D(row["nav"]) for row in series] == [row["nav"] for row in three.hours(-1)]
    held = list(DictReader(pages.get("/export/holdings.csv?portfolio=pair").text.splitlines()))
    assert [row["hour"][11:13] for row in held if row["account_id"] == "3"] == ["03", "03", "04", "04"]
    assert "The pair" in pages.get("/export/report.html?portfolio=pair").text
    assert pages.get("/export/day-end.csv?portfolio=pair&date=2026-03-01").status_code == 200
    assert (
        '<input type="hidden" name="portfolio" value="pair">'
        in pages.get("/exports?portfolio=pair").text.split("day-end.csv")[1]
    )


@pytest.mark.parametrize("path", ["/portfolio/snapshot", "/flows", "/portfolio/equity-curve", "/balances"])
def test_zero_is_another_name_of_all_and_a_label_of_a_number(pages: Site, path: str) -> None:
    assert ask(pages, f"{path}?account=0") == ask(pages, f"{path}?portfolio=all") == ask(pages, path)
    assert ask(pages, f"{path}?account=two") == ask(pages, f"{path}?account=2")
    assert ask(pages, f"{path}?account=two") != ask(pages, path)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("portfolio=pair&account=1", 400, "not both"),
        ("portfolio=all&account=0", 400, "not both"),
        ("portfolio=nobody", 404, "There are: all, pair"),
        ("portfolio=No+key", 400, ""),
        ("account=four", 404, "There is no account four"),
        ("account=7", 404, "There is no account 7"),
    ],
)
def test_what_is_no_choice_is_refused_everywhere(pages: Site, query: str, status: int, words: str) -> None:
    for path in (*(page.path for page in PAGES), *(f"/api{path}" for path in CHOSEN), "/export/flows.csv"):
        found = pages.get(with_query(path, query))
        assert found.status_code == status, path
        assert words in found.text, path


def test_lists_have_the_rows_of_members_while_they_are(pages: Site) -> None:
    flows = ask(pages, "/flows?portfolio=pair")["rows"]
    assert [(row["label"], row["kind"], D(row["amount"])) for row in flows][-4:] == [
        ("one", "deposit", 100),
        ("one", "withdrawal", 20),
        ("two", "deposit", 20),
        ("three", "deposit", 30),
    ]
    assert 70 not in [D(row["amount"]) for row in flows]
    fills = ask(pages, "/fills?portfolio=pair")["rows"]
    assert "BNBUSDT" not in [row["symbol"] for row in fills]
    hours = [(row["account_id"], row["hour"][11:13]) for row in ask(pages, "/explanations?portfolio=pair")["rows"]]
    assert hours == [(-1, "02"), (-1, "03"), (-1, "04")]  # its own, whoever its members were
    everything = {row["account_id"] for row in ask(pages, "/explanations?portfolio=all")["rows"]}
    assert everything == {0}


def test_the_curve_goes_on_from_page_to_page(pages: Site, three: Worker) -> None:
    found, cursor = [], ""
    for _ in three.hours(-1):
        told = ask(pages, f"/portfolio/equity-curve?portfolio=pair&limit=1{cursor}")
        found += [row["nav"] for row in told["rows"]]
        cursor = f"&cursor={told['next_cursor']}"
    assert found == [short(row["nav"]) for row in three.hours(-1)]


def test_its_change_is_told_in_parts_that_add_up(pages: Site, three: Worker) -> None:
    hours = three.hours(-1)
    told = ask(pages, "/portfolio/explanation?portfolio=pair")
    change = hours[-1]["nav"] - hours[0]["nav"]
    parts = ("price_effect", "trading", "positions", "flows", "income", "fees", "residual", "rest")
    assert D(told["nav_change"]) == change == sum(D(told[part]) for part in parts)
    assert D(told["flows"]) == sum(row["flows"] for row in hours[1:]) == three.hours(3)[2]["nav"] + 130
    effect = three.rows("select sum(price_effect) as e, sum(fees) as f from explanations where account_id = -1")[0]
    assert (D(told["price_effect"]), D(told["fees"])) == (effect["e"], effect["f"])
    assert D(told["rest"]) == 0


def test_balances_are_those_of_its_members(pages: Site, three: Worker) -> None:
    order_of = {"portfolio=pair": (1, 2, 3), "portfolio=all": (1, 2, 3), "account=two": (2,)}
    for choice, accounts in order_of.items():
        held = ask(pages, f"/balances/summary?{choice}")
        assert D(held["value"]) == sum(three.hours(number)[-1]["nav"] for number in accounts)
    assert ask(pages, "/balances/two") == ask(pages, "/balances?account=2")


def test_portfolios_are_listed_with_their_members(pages: Site) -> None:
    everybody, pair = ask(pages, "/portfolios")["portfolios"]
    assert (everybody["key"], everybody["label"], everybody["account_id"]) == ("all", "All accounts", 0)
    assert [member["label"] for member in everybody["members"]] == ["one", "two", "three"]
    assert [(member["label"], member["since"], member["until"]) for member in pair["members"]] == [
        ("one", None, None), ("two", None, None), ("three", "2026-03-01T03:00:00Z", None)]  # fmt: skip
    assert [row["account_id"] for row in ask(pages, "/accounts")["accounts"]] == [0, 1, 2, 3]


def test_the_accounts_page_has_a_line_for_each(pages: Site) -> None:
    text = pages.get("/accounts").text
    assert '<a href="/?portfolio=pair">The pair</a>' in text
    assert 'The pair: one, two, three from <span class="day">2026-03-01</span> 03:00' in text
    assert "3 accounts" in text


def test_a_page_is_made_anew_when_members_change(server: Server, tmp_path: Path) -> None:
    with staged(server, tmp_path, STORY, live) as own:
        before = ask(own.site, "/balances/summary?portfolio=pair")["value"]
        order(own.worker, own.venue, "portfolio", "members", "pair", "--remove", "two", "--since", "2026-03-01T03:00")
        after = ask(own.site, "/balances/summary?portfolio=pair")["value"]
        assert Decimal(before) - Decimal(after) == own.worker.hours(2)[-1]["nav"]


def test_nobody_with_one_account_sees_a_portfolio(
    open_worker: Opener, open_venue: VenueOpener, database: Database
) -> None:
    venue = open_venue(STORY)
    worker = open_worker(venue)
    worker.add("one", "key-of-account-one-0000000", "secret-of-account-one-0000000")
    worker.run(venue.now())
    site = Site(database.dashboard_url, venue.now)
    try:
        texts = [site.get(page.path).text for page in PAGES]
        make(worker, venue, "alone", "one")
        usual, own = ask(site, "/portfolio/snapshot"), ask(site, "/portfolio/snapshot?portfolio=alone")
    finally:
        site.server.should_exit = True
    assert "20,000.00" not in texts[0] and "one" in texts[0]
    assert (usual["account_id"], own["account_id"]) == (1, -1)
    assert [text for text in texts if "All accounts" in text or "portfolio=" in text] == []


def test_fees_and_what_was_realised_are_those_of_explain(pages: Site) -> None:
    """Also of a portfolio that an account joined in between: its hours of before are not part of it."""
    told = ask(pages, "/portfolio/explanation?portfolio=pair")
    fees, trades = (text(pages.get(f"{path}?portfolio=pair").text) for path in ("/fees", "/trades"))
    assert f"paid {usdt(-D(told['fees']))} USDT in fees" in fees
    assert f"Realised in all {signed_usdt(D(told['gains']['realised']))} USDT" in trades
    listed = ask(pages, "/positions/open?portfolio=pair")["positions"]
    each = [row for account in (1, 2, 3) for row in ask(pages, f"/positions/open?account={account}")["positions"]]
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in each:
        held[row["symbol"].removesuffix("USDT")] += D(row["quantity"])
    assert {row["symbol"].removesuffix("USDT"): D(row["quantity"]) for row in listed} == held != {}
    assert {row["exchange"] for row in listed} == {None}
    at_exchange = ask(pages, "/positions/open?portfolio=pair&exchange=binance")["positions"]
    assert sorted(at_exchange, key=str) == sorted(each, key=str)
