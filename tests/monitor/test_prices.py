"""Routes and valuation."""

from finance.observed import Balance, WalletReading, WalletState
from finance.prices import price_asset
from finance.unpriced import Yardstick
from monitor.snapshots.valued_reading import value_wallets
from tests.monitor.notation import D

TICKER = {
    "BTCUSDT": D(60000),
    "SOLUSDT": D(150),
    "SOLBTC": D("0.002"),
    "XMRBTC": D("0.003"),
    "USDTTRY": D(40),
    "USDCUSDT": D("0.9997"),
    "DEADUSDT": D(0),
}


def spot(**quantities: str) -> WalletReading:
    balances = tuple(Balance(asset=asset, free=D(quantity)) for asset, quantity in quantities.items())
    return WalletReading(wallet="spot", state=WalletState.READ, balances=balances)


def value(*wallets: WalletReading) -> object:
    held = {balance.asset for wallet in wallets for balance in wallet.balances}
    return value_wallets(wallets, {a: p for a in held if (p := price_asset(a, TICKER))}, Yardstick(), {})


def test_the_own_pair_comes_first_then_the_inverse_then_a_bridge() -> None:
    routes = {asset: p.route_name for asset in ("SOL", "XMR", "TRY", "USDT") if (p := price_asset(asset, TICKER))}

    assert routes == {"SOL": "SOLUSDT", "XMR": "XMRBTC*BTCUSDT", "TRY": "1/USDTTRY", "USDT": "USDT"}


def test_a_stablecoin_has_its_market_price() -> None:
    found = price_asset("USDC", TICKER)
    assert found and found.value == D("0.9997")


def test_a_price_of_zero_is_no_price() -> None:
    assert price_asset("DEAD", TICKER) is None


def test_nav_is_the_exact_sum() -> None:
    token = "123456789012345678901234567890.123456789012345678"
    found = value(spot(BTC="0.1", XMR="2", USDT=token))

    assert found.nav == D("123456789012345678901234574250.123456789012345678")  # type: ignore[attr-defined]


def test_an_asset_without_a_price_leaves_nav_unknown_and_is_named() -> None:
    found = value(spot(BTC="1", MYSTERY="5"))

    assert found.nav is None  # type: ignore[attr-defined]
    (problem,) = found.problems  # type: ignore[attr-defined]
    assert "5 MYSTERY in spot has no price" in problem and "price set MYSTERY VALUE" in problem


def test_a_wallet_that_failed_leaves_nav_unknown() -> None:
    broken = WalletReading(wallet="funding", state=WalletState.FAILED, problem="HTTP 500")

    assert value(spot(BTC="1"), broken).nav is None  # type: ignore[attr-defined]
