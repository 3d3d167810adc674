"""On-chain Yields, Dual Investment and staking: read, valued and explained, and no coin of spot twice."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_DOWN
from decimal import Decimal as D
from typing import Any

import pytest

from paper.histories.accounts import Account
from paper.market.klines import Kline, Market, Symbol
from paper.wire.binance.request import Asked
from paper.wire.binance.totals import wallet_balance
from tests.exchanges.sample import answering, read_sample
from tests.exchanges.test_flow_sources import Reader
from tests.exchanges.test_wallets import found, quantities, run_next_hour, truth
from tests.venue import MARKET, STORY, RunningVenue
from tests.venue import Opener as OpenVenue
from tests.worker import Opener as OpenWorker
from tests.worker import Worker


@pytest.fixture
def reader(venue: RunningVenue) -> Reader:
    """Reads the venue's one account."""
    return Reader(venue)


def unexplained(worker: Worker) -> Any:
    return worker.rows("select residual from explanations where account_id = 1 order by hour")[-1]["residual"]


@pytest.mark.usefixtures("first_hour")
def test_onchain_yields_are_held_and_their_rewards_are_income(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 0.02 BTC from spot to onchain_yields")
    hour = run_next_hour(worker, venue)
    assert hour["status"] == "COMPLETE"
    assert quantities(worker, "onchain_yields") == {"BTC": D("0.02")}
    assert found(worker) == truth(venue)
    venue.advance(minutes=1)
    venue.do("reward 0.00001 BTC onchain")
    run_next_hour(worker, venue)

    assert worker.rows("select kind, wallet, asset, amount from income") == [
        {"kind": "earn_interest", "wallet": "onchain_yields", "asset": "BTC", "amount": D("0.00001")}
    ]
    assert unexplained(worker) == 0


DUALS: dict[str, tuple[str, str, str, Callable[[D], dict[str, D]]]] = {
    "no coin bought": ("BNBUSDT", "0.9", "1000 USDT into BNB", lambda strike: {"USDT": D(1001)}),
    "coin bought": ("BNBUSDT", "1.1", "1000 USDT into BNB", lambda strike: {"BNB": D(1001) / strike}),
    "coin kept": ("ETHUSDT", "1.1", "0.4 ETH into USDT", lambda strike: {"ETH": D("0.4004")}),
    "coin sold": ("ETHUSDT", "0.9", "0.4 ETH into USDT", lambda strike: {"USDT": D("0.4004") * strike}),
}


@pytest.mark.parametrize("case", DUALS)
def test_dual_investment_is_held_until_it_is_settled_and_then_explained(
    case: str, worker: Worker, venue: RunningVenue
) -> None:
    symbol, factor, line, settles = DUALS[case]
    strike = round(venue.exchange.venue.price(symbol, venue.now()) * D(factor), 1)
    amount, coin = D(line.split()[0]), line.split()[1]
    worker.run(venue.now())
    before = found(worker)
    venue.advance(minutes=1)
    venue.do(f"dual {line} at {strike} apr 36.5 for 1d")
    assert run_next_hour(worker, venue)["status"] == "COMPLETE"
    assert quantities(worker, "dual_investment") == {coin: amount}
    assert found(worker) == before == truth(venue)
    venue.advance(hours=22)
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["reason"]) == ("COMPLETE", "")
    assert quantities(worker, "dual_investment") == {}
    expected = before | {coin: before[coin] - amount}
    for asset, quantity in settles(strike).items():
        expected[asset] = expected.get(asset, D(0)) + quantity.quantize(D("1e-8"), ROUND_DOWN)
    assert found(worker) == expected == truth(venue)
    assert worker.rows("select kind, asset, amount from income") == [
        {"kind": "earn_interest", "asset": coin, "amount": amount / 1000}
    ]
    assert unexplained(worker) == 0


def test_coins_of_staking_lie_in_spot_once_and_their_rewards_are_income(worker: Worker, venue: RunningVenue) -> None:
    venue.do("deposit 2 SOL")
    worker.run(venue.now())
    venue.advance(minutes=1)
    venue.do("reward 0.001 SOL soft")
    venue.do("reward 0.02 SOL boost")
    hour = run_next_hour(worker, venue)
    venue.advance(hours=23)  # both are asked once a day
    hour = run_next_hour(worker, venue)

    assert hour["status"] == "COMPLETE"
    assert found(worker)["SOL"] == D("2.021")
    told = worker.rows("select wallet, amount from income order by amount")
    assert told == [{"wallet": "spot", "amount": D("0.001")}, {"wallet": "spot", "amount": D("0.02")}]
    residuals = worker.rows("select sum(abs(residual)) as total from explanations")
    assert residuals == [{"total": 0}]


WALLETS = [
    ("onchain-yields/locked/position", "onchain_yields", {"BTC": D("122.09202928")}),
    ("dci/product/positions", "dual_investment", {"USDT": D("0.5")}),
]


@pytest.mark.parametrize(("path", "wallet", "held"), WALLETS, ids=[wallet for _, wallet, _ in WALLETS])
def test_documented_positions_are_held(
    path: str, wallet: str, held: dict[str, D], worker: Worker, venue: RunningVenue
) -> None:
    venue.fault(f"/sapi/v1/{path}", answering(read_sample(f"sapi.v1.{path.replace('/', '.')}")))
    worker.run(venue.now())

    assert quantities(worker, wallet) == held


REWARDS = [
    (
        "On-chain Yields rewards",
        "onchain-yields/locked/history/rewardsRecord",
        [("onchain_yields", "BNB", D("21312.23223"), datetime(2019, 11, 29, 9, 8, 30, tzinfo=UTC))],
    ),
    (
        "soft staking rewards",
        "soft-staking/history/rewardsRecord",
        [
            ("spot", "BNB", D("0.00000557"), datetime(2025, 8, 1, 0, 26, 18, tzinfo=UTC)),
            ("spot", "SUI", D("0.00274257"), datetime(2025, 8, 1, 0, 26, 18, tzinfo=UTC)),
        ],
    ),
    (
        "SOL staking boosts",
        "sol-staking/sol/history/boostRewardsHistory",
        [("spot", "SOL", D("1.20291028"), datetime(2024, 10, 21, 14, 24, 40, tzinfo=UTC))],
    ),
]


@pytest.mark.parametrize(("source", "path", "told"), REWARDS, ids=[source for source, _, _ in REWARDS])
def test_documented_rewards_are_income(source: str, path: str, told: list[Any], reader: Reader) -> None:
    reader.venue.fault(f"/sapi/v1/{path}", answering(read_sample(f"sapi.v1.{path.replace('/', '.')}")))

    reading = reader.read(source)

    assert str(reading.state) == "read", reading.problem
    assert [(r.wallet, r.asset, r.amount, r.occurred_at) for r in reading.income] == told


class StakedMarket(Market):
    """The tests' market with WBETH, which is worth a little more than ETH."""

    symbols = MARKET.symbols | {"WBETHUSDT": Symbol(base="WBETH", quote="USDT")}

    def minute(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of a minute; WBETH trades at ETH's prices here."""
        return MARKET.minute("ETHUSDT" if symbol == "WBETHUSDT" else symbol, opened)

    def last_open(self, symbol: str, minute: datetime) -> datetime:
        """Every minute trades."""
        return minute


EARN_TOTALS = {
    "as coins of spot": (False, D(0), "COMPLETE"),
    "as Earn": (True, D(0), "COMPLETE"),
    "as Earn, beside money that was not read": (True, D(500), "PARTIAL"),
    "as coins of spot, beside money that was not read": (False, D(500), "PARTIAL"),
}


@pytest.mark.parametrize("case", EARN_TOTALS)
def test_a_staked_coin_counts_once_wherever_the_exchange_tells_it(
    case: str, open_venue: OpenVenue, open_worker: OpenWorker
) -> None:
    is_in_earn, unread, status = EARN_TOTALS[case]
    venue = open_venue(
        STORY + "+1m deposit 0.5 WBETH\n+2m transfer 100 USDT from spot to earn_flexible\n", StakedMarket()
    )
    worker = open_worker(venue)
    worker.add()
    worth = D("0.5") * venue.exchange.venue.price("WBETHUSDT", venue.now())
    account = venue.exchange.venue.accounts["test"]
    totals = {row["walletName"]: D(row["balance"]) for row in wallet_balance(ask(venue, account, quoteAsset="USDT"))}
    totals["Spot"] -= worth if is_in_earn else 0
    totals["Earn"] += (worth if is_in_earn else 0) + unread
    rows = [{"activate": True, "walletName": name, "balance": str(value)} for name, value in totals.items()]
    venue.fault("/sapi/v1/asset/wallet/balance", answering(rows))
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert hour["status"] == status, hour["reason"]
    assert found(worker)["WBETH"] == D("0.5")
    if unread:
        assert "Earn" in hour["reason"]


def ask(venue: RunningVenue, account: Account, **parameters: str) -> Asked:
    return Asked(venue=venue.exchange.venue, now=venue.now(), parameters=parameters, signer=account)
