"""What a reading of an account is worth at the prices of its run: pure."""

from collections.abc import Iterable

from monitor.checks.cross_checks import check_totals
from monitor.checks.unread import Remembered, judge_wallets
from monitor.exchanges.contract import WalletReading
from monitor.exchanges.public import Ticker
from monitor.prices import VALUATION_ASSET, price_asset
from monitor.recording import Seen
from monitor.snapshot import Snapshot
from monitor.valuation import tell_closure, value_wallets


def list_assets(wallets: Iterable[WalletReading]) -> frozenset[str]:
    """Everything that is in `wallets`."""
    return frozenset(balance.asset for wallet in wallets for balance in wallet.balances)


def value_reading(
    snapshot: Snapshot,
    remembered: Remembered,
    basket: frozenset[str],
    unseen: tuple[str, ...],
    ticker: Ticker,
) -> Seen:
    """`snapshot` judged and valued; assets of `basket` (held before, the benchmarks') are priced as well."""
    reading = snapshot.reading
    assets = sorted(list_assets(reading.wallets) | basket | ({VALUATION_ASSET} if remembered.counted else set()))
    found = {asset: price_asset(asset, ticker.prices) for asset in assets if asset not in ticker.doubts}
    prices = {asset: price for asset, price in found.items() if price}
    doubts = [ticker.doubts[asset] for asset in assets if asset in ticker.doubts]
    judged = judge_wallets(reading, value_wallets(reading.wallets, prices), remembered)
    valuation = value_wallets(judged.wallets, prices, doubts, tell_closure(ticker.closed_since))
    return Seen(
        snapshot=snapshot,
        judged=judged,
        unseen=unseen,
        valuation=valuation,
        checks=check_totals(judged.wallets, valuation, reading.totals),
        prices=prices,
        prices_at=ticker.at,
    )
