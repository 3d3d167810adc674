"""Hours of a Bitget account, through the whole worker: NAV is what the story's books are worth, also when it is switched."""

from decimal import Decimal as D

import pytest

from monitor.notify.alerts import raise_alerts
from sql.vault import Credentials, Secret
from tests.paper.bitget import CLIENT, KEY, LIFE, PASSPHRASE, SECRET
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

CREDENTIALS = Credentials(key=Secret(KEY), secret=Secret(SECRET), passphrase=Secret(PASSPHRASE))
PERSONS = f"""
+0m account Bob key key-of-bob-0123456789 secret secret-of-bob
+0m account Ann on bitget {{system}} key {KEY} secret {SECRET} passphrase {PASSPHRASE}
"""
WITHOUT_COIN = "\n".join(
    LIFE.splitlines()[:-2]
)  # what a contract settled in its own coin made, the books say of no coin
HOUR = (
    "deposit 100 USDT",
    "withdraw 50 USDT fee 1.5",
    "funding pay 0.75 USDT BTCUSDT",
    "buy for 200 BTCUSDT",
    "close 0.002 BTCUSDT",
    "convert 30 USDT to SOL",
    "interest 5 USDT",
    "airdrop 0.5 ETH",
    "dividend 7 USDT",
    "rebate 0.25 USDT",
    "charge 0.0002 ETH on cross_margin",
)

SAME_INCOME = "select asset, amount, occurred_at from income group by 1, 2, 3 having count(*) > 1"
SAME_FILLS = "select quote_asset, quote_quantity, occurred_at from fills group by 1, 2, 3 having count(*) > 1"


@pytest.fixture(params=["classic", "unified"])
def system(request: pytest.FixtureRequest) -> str:
    """An account system."""
    return str(request.param)


@pytest.fixture
def both(system: str, open_venue: VenueOpener, open_worker: Opener) -> tuple[RunningVenue, Worker]:
    """A venue where a Bitget account has lived for an hour, and a worker that tracks it."""
    venue = open_venue(PERSONS.format(system=system) + WITHOUT_COIN)
    worker = open_worker(venue)
    worker.add_at("bitget", "Ann", CREDENTIALS)
    return venue, worker


def read_hour(venue: RunningVenue, worker: Worker) -> D:
    """Read an hour in which everything happens; returns what the story's own books are worth then."""
    venue.advance(minutes=48)
    for line in HOUR:
        venue.advance(minutes=1)
        venue.do(line, "Ann")
    venue.advance(minutes=1)
    worker.run(venue.now())
    return worth(venue)


def worth(venue: RunningVenue) -> D:
    """What the story's own books are worth at the venue's prices, with the profit of what is open."""
    told = CLIENT.get(f"{venue.urls['bitget']}/api/v2/spot/market/tickers").json()["data"]
    prices = {row["symbol"].removesuffix("USDT"): D(row["lastPr"]) for row in told} | {"USDT": D(1)}
    wallets = venue.truth("Ann")["wallets"].values()
    held = sum((D(amount) * prices[asset] for wallet in wallets for asset, amount in wallet.items()), D(0))
    return held + D(venue.truth("Ann")["unrealised"])


def test_hours_are_complete_explained_and_worth_what_the_books_say(both: tuple[RunningVenue, Worker]) -> None:
    venue, worker = both
    worker.run(venue.now())
    expected = [worth(venue), read_hour(venue, worker), read_hour(venue, worker)]

    assert [(hour["status"], hour["reason"], hour["nav"]) for hour in worker.hours()] == [
        ("COMPLETE", "", nav) for nav in expected
    ]
    flows = worker.rows("select distinct kind, asset, amount, fee from processed_transactions where kind <> 'opening'")
    assert {(row["kind"], row["asset"], row["amount"], row["fee"]) for row in flows} >= {
        ("deposit", "USDT", 100, 0),
        ("withdrawal", "USDT", 50, D("1.5")),
    }
    found = worker.rows("select state, residual, cause from explanations where account_id = 1 order by hour")
    assert [tuple(row.values()) for row in found] == [("explained", 0, "")] * 2
    checks = worker.rows("select subject, within from cross_checks")
    assert len(checks) > 1 and all(check["within"] for check in checks), checks


@pytest.mark.parametrize("fees", ["inside", "on_top"])
def test_the_ledger_says_whether_a_fee_came_on_top(both: tuple[RunningVenue, Worker], fees: str) -> None:
    venue, worker = both
    worker.run(venue.now())
    venue.do(f"fees {fees}", "Ann")
    assert read_hour(venue, worker) == worker.hours()[-1]["nav"]

    (flow,) = worker.rows("select amount, fee from processed_transactions where kind = 'withdrawal' and amount < 60")
    assert (flow["amount"], flow["fee"]) == (50, D("1.5"))
    assert worker.rows("select state, residual from explanations where account_id = 1") == [
        {"state": "explained", "residual": 0}
    ]


def test_bank_money_is_a_flow(both: tuple[RunningVenue, Worker], system: str) -> None:
    """In spot of a classic account, in funding of a unified one: the other two have no ledger that can be read."""
    venue, worker = both
    worker.run(venue.now())
    venue.do("fiat deposit 30 USDT completed after 1m" if system == "classic" else "card buy 30 USDT for 30 EUR", "Ann")
    assert read_hour(venue, worker) == worker.hours()[-1]["nav"]

    assert worker.rows("select kind, amount from processed_transactions where kind like 'fiat%%'") == [
        {"kind": "fiat_deposit", "amount": 30}
    ]
    assert worker.rows("select state, residual from explanations") == [{"state": "explained", "residual": 0}]


def test_a_switch_is_seen_in_its_hour_and_moves_no_nav(both: tuple[RunningVenue, Worker], system: str) -> None:
    venue, worker = both
    worker.run(venue.now())
    for line in (
        "deposit 70 USDT",
        "withdraw 20 USDT fee 1",
        "sell 0.01 ETHUSDT on cross_margin",
        "funding pay 0.5 USDT BTCUSDT",
    ):
        venue.advance(minutes=1)
        venue.do(line, "Ann")
    other, back = ("unify", "unify off") if system == "classic" else ("unify off", "unify")
    venue.do(other, "Ann")
    expected = [read_hour(venue, worker)]
    venue.do(back, "Ann")
    expected.append(read_hour(venue, worker))

    assert [(hour["status"], hour["nav"]) for hour in worker.hours()[1:]] == [("COMPLETE", nav) for nav in expected]
    assert [hour["flows"] for hour in worker.hours()[1:]] == [70 - 21 + 100 - D("51.5"), 100 - D("51.5")]
    assert worker.rows("select state, residual from explanations") == [{"state": "explained", "residual": 0}] * 2
    assert worker.rows(SAME_INCOME) == worker.rows(SAME_FILLS) == []
    logged = worker.rows("select message from system_logs where level = 'warning' and account_id = 1 order by id")
    assert f"switched at Bitget from {system} to" in logged[0]["message"] and len(logged) == 2
    (account,) = worker.rows("select system, array_to_string(limits, ' ') as limits from accounts where id = 1")
    assert (
        ("beside a unified account" in account["limits"]) == (account["system"] == "unified") == (system == "unified")
    )
    raise_alerts(worker.db, worker.settings, venue.now())
    (alert,) = worker.rows(
        f"select body from alert_messages where title like '%%switched at Bitget from%% to {system}'"
    )
    assert "look at the exchange's login history" in alert["body"]


def test_an_account_that_is_just_changing_has_a_partial_hour(both: tuple[RunningVenue, Worker]) -> None:
    venue, worker = both
    worker.run(venue.now())
    venue.do("unify hybrid", "Ann")
    read_hour(venue, worker)

    (_, hour) = worker.hours()
    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert "changing from one account system to the other" in hour["reason"]


def test_hours_without_a_reading_are_rebuilt_but_those_with_what_can_not_be_valued(
    system: str, open_venue: VenueOpener, open_worker: Opener
) -> None:
    venue = open_venue(PERSONS.format(system=system) + LIFE)
    worker = open_worker(venue)
    worker.add_at("bitget", "Ann", CREDENTIALS)
    worker.run(venue.now())
    venue.advance(minutes=58)
    venue.do("close 3 BTCUSD_PERP", "Ann")
    expected = []
    for line in ("long 0.01 BTCUSDT", "deposit 70 USDT", "close 0.02 BTCUSDT"):
        venue.advance(hours=1)
        expected.append(worth(venue))
        venue.do(line, "Ann")
    venue.advance(minutes=70)
    worker.run(venue.now())

    (missed, *rebuilt) = worker.hours()[1:-1]
    assert (missed["hour"].hour, missed["status"], missed["nav"]) == (2, "MISSED", None)
    assert [(hour["hour"].hour, hour["status"]) for hour in rebuilt] == [(n, "RECONSTRUCTED") for n in (3, 4, 5)]
    # A kline begins with another trade than the ticker's last one.
    assert [hour["nav"] for hour in rebuilt] == [pytest.approx(nav, rel=D("1e-4")) for nav in expected]
