"""What a reading of an account is worth at the prices of its run: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from finance.observed import WalletReading
from finance.prices import VALUATION_ASSET, AssetPrice, describe_far
from finance.unpriced import Yardstick, judge_unpriced
from finance.valuation import Valuation, describe_closure, describe_old, sum_quantities, value_account, value_holdings
from monitor.exchanges.contract import SourceState
from monitor.market.other_prices import RunPrices
from monitor.snapshots.cross_checks import CrossCheck, check_totals
from monitor.snapshots.snapshot import Snapshot
from monitor.snapshots.unread import Judged, Remembered, judge_wallets

LATELY = timedelta(days=2)
UNKNOWN = (SourceState.FAILED, SourceState.BEHIND)  # histories that may hide a flow


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuedReading:
    """Everything one run read of one account."""

    snapshot: Snapshot
    judged: Judged
    unseen: tuple[str, ...]  # what the adapter can't see
    valuation: Valuation
    checks: tuple[CrossCheck, ...]  # against the exchange's own totals
    prices: dict[str, AssetPrice]  # of everything held, and of the benchmarks' assets
    prices_at: datetime
    is_final: bool = False  # read again already: what is doubtful now stays so

    @property
    def taken_at(self) -> datetime:
        """Every flow before this moment is in the balances."""
        return self.snapshot.taken_at

    @property
    def problems(self) -> list[str]:
        """Why it gives no NAV: no price, not read, money that was read nowhere, a history that may hide a flow."""
        histories = [f"{h.source}: {h.problem}" for h in self.snapshot.histories if h.state in UNKNOWN]
        return [*self.valuation.problems, *histories, *self.judged.lacks]

    @property
    def refused(self) -> list[str]:
        """What is refused, where neither the exchange's totals nor anything else says that it hides nothing."""
        histories = [f"{h.source}: {h.problem}" for h in self.snapshot.histories if h.state is SourceState.REFUSED]
        return [*histories, *self.judged.caveats]


def list_assets(wallets: Iterable[WalletReading]) -> frozenset[str]:
    """Everything that is in `wallets`."""
    return frozenset(balance.asset for wallet in wallets for balance in wallet.balances)


def list_wanted(snapshot: Snapshot) -> frozenset[str]:
    """Everything that is in the account's wallets, or came or went lately."""
    since = snapshot.taken_at - LATELY
    flows = {flow.asset for flow in snapshot.flows if flow.completed_at and flow.completed_at >= since}
    return list_assets(snapshot.reading.wallets) | flows


def value_reading(
    snapshot: Snapshot,
    remembered: Remembered,
    basket: frozenset[str],
    unseen: tuple[str, ...],
    run: RunPrices,
    dust_limit: Decimal,
) -> ValuedReading:
    """`snapshot` judged and valued; assets of `basket` (held before, the benchmarks') are priced as well.

    Coins without a price may come to `dust_limit`, in the valuation asset, and count as nothing.
    """
    reading, ticker = snapshot.reading, run.ticker
    assets = sorted(list_wanted(snapshot) | basket | ({VALUATION_ASSET} if remembered.counted else set()))
    prices = {asset: price for asset in assets if (price := run.find(asset))}
    judged = judge_wallets(reading, value_holdings(reading.wallets, prices), remembered)
    yardstick = Yardstick(
        outdated=run.outdated, valued=run.valued, totals=reading.totals, dust_limit=dust_limit, failure=run.problem
    )
    needed = sorted(list_assets(reading.wallets) | basket)
    doubts = {asset: ticker.doubts[asset] for asset in needed if asset in ticker.doubts}
    old = describe_closure(ticker.closed_since) or describe_old(
        asset for asset, price in prices.items() if price.traded_at
    )
    held = sum_quantities((b.asset, b.quantity) for wallet in judged.wallets for b in wallet.balances)
    far = describe_far(held.items(), prices, run.far, dust_limit)
    valuation = value_wallets(judged.wallets, prices, yardstick, doubts, [*old, *far])
    return ValuedReading(
        snapshot=snapshot,
        judged=judged,
        unseen=unseen,
        valuation=valuation,
        checks=check_totals(judged.wallets, valuation, reading.totals),
        prices=prices,
        prices_at=ticker.at,
    )


def value_wallets(
    wallets: Iterable[WalletReading],
    prices: Mapping[str, AssetPrice],
    yardstick: Yardstick,
    doubts: Mapping[str, str],
    estimates: Iterable[str] = (),
) -> Valuation:
    """`wallets` at `prices`, both by asset as the `doubts`, which say why a price is not believed."""
    wallets = tuple(wallets)
    holdings = value_holdings(wallets, prices)
    verdict = judge_unpriced([h for h in holdings if h.asset not in doubts], yardstick)
    return value_account(wallets, holdings, [*verdict.problems, *doubts.values()], [*verdict.estimates, *estimates])
