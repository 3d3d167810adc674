"""What a reading of an account is worth at the prices of its run: pure."""

from collections.abc import Iterable

from monitor.checks.cross_checks import check_totals
from monitor.exchanges.contract import WalletReading
from monitor.exchanges.public import Ticker
from monitor.prices import price_asset
from monitor.recording import Seen
from monitor.snapshot import Snapshot
from monitor.valuation import tell_closure, value_wallets


def list_assets(wallets: Iterable[WalletReading]) -> frozenset[str]:
    """Everything that is in `wallets`."""
    return frozenset(balance.asset for wallet in wallets for balance in wallet.balances)


def value_reading(
    snapshot: Snapshot,
    wallets: tuple[WalletReading, ...],
    basket: frozenset[str],
    unseen: tuple[str, ...],
    ticker: Ticker,
) -> Seen:
    """`snapshot` with its judged `wallets` valued; assets of `basket` (held before, the benchmarks') are priced as well."""
    assets = sorted(list_assets(wallets) | basket)
    found = {asset: price_asset(asset, ticker.prices) for asset in assets if asset not in ticker.doubts}
    prices = {asset: price for asset, price in found.items() if price}
    doubts = [ticker.doubts[asset] for asset in assets if asset in ticker.doubts]
    valuation = value_wallets(wallets, prices, doubts, tell_closure(ticker.closed_since))
    return Seen(
        snapshot=snapshot,
        wallets=wallets,
        unseen=unseen,
        valuation=valuation,
        checks=check_totals(wallets, valuation, snapshot.reading.totals),
        prices=prices,
        prices_at=ticker.at,
    )
