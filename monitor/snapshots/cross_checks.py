"""Our figures beside the exchange's own: pure.

Both sides use prices of their own, so a difference within one USDT or half a percent says nothing; a larger one is
stored, shown and alerted once, when it begins. Money in a wallet that we do not read is more than a difference: see
`monitor.snapshots.unread`.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from finance.decimals import ZERO, exact, total
from finance.observed import Balance, WalletReading, WalletState, WalletTotal
from finance.prices import VALUATION_ASSET
from finance.valuation import Valuation, value_by_wallet
from monitor.exchanges.policy import SMALLEST_NOTICED

LARGEST_SHARE = Decimal("0.005")
WHOLE_ACCOUNT = "account"


class CheckKind(StrEnum):
    """What is compared."""

    WALLET_TOTAL = "wallet_total"
    ACCOUNT_TOTAL = "account_total"
    DAILY_SNAPSHOT = "daily_snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """One of our figures beside the exchange's."""

    kind: CheckKind
    subject: str  # the wallet by the exchange's name, the account, or the asset
    ours: Decimal
    theirs: Decimal
    difference: Decimal  # ours - theirs, in the valuation asset
    within: bool  # inside what different price sources explain


def check_totals(
    wallets: Iterable[WalletReading], valuation: Valuation, totals: Iterable[WalletTotal]
) -> tuple[CrossCheck, ...]:
    """Each of the exchange's totals beside the value of the wallets it covers, then their sums.

    A wallet that was not read is compared with nothing, nor is one with a coin without a price that leaves the hour
    without a NAV; and neither is the account then.
    """
    totals = tuple(totals)
    unknown = {w.wallet for w in wallets if w.state is WalletState.FAILED}
    if valuation.nav is None:
        unknown |= {h.wallet for h in valuation.holdings if h.value is None}
    values = value_by_wallet(valuation.holdings)
    known = [one for one in totals if not unknown & set(one.wallets)]
    checks = [
        _compare(
            CheckKind.WALLET_TOTAL,
            one.name,
            total(values.get(name, ZERO) for name in (*one.wallets, one.counted_name)),
            one.value,
        )
        for one in known
    ]
    if checks and len(known) == len(totals):
        ours, theirs = total(check.ours for check in checks), total(check.theirs for check in checks)
        checks.append(_compare(CheckKind.ACCOUNT_TOTAL, WHOLE_ACCOUNT, ours, theirs))
    return tuple(checks)


def may_be_skipped_wrongly(
    wallets: Iterable[WalletReading], checks: Iterable[CrossCheck], known: Container[tuple[str, str]]
) -> bool:
    """Whether a wallet was skipped and the account as a whole differs, as it did not before (`known`)."""
    skipped = any(wallet.state is WalletState.SKIPPED for wallet in wallets)
    return skipped and any(
        check.kind is CheckKind.ACCOUNT_TOTAL and not check.within and (check.kind.value, check.subject) not in known
        for check in checks
    )


def check_day(
    ours: Mapping[str, Decimal], theirs: Iterable[Balance], prices: Mapping[str, Decimal]
) -> tuple[CrossCheck, ...]:
    """Quantities by asset beside the exchange's record of the same midnight; one without a price has to be equal."""
    recorded = {balance.asset: balance.quantity for balance in theirs}
    return tuple(
        _compare_quantity(asset, ours.get(asset, ZERO), recorded.get(asset, ZERO), prices.get(asset))
        for asset in sorted({*ours, *recorded})
        if ours.get(asset) or recorded.get(asset)
    )


@exact
def _compare(kind: CheckKind, subject: str, ours: Decimal, theirs: Decimal) -> CrossCheck:
    difference = ours - theirs
    largest = max(SMALLEST_NOTICED, LARGEST_SHARE * max(abs(ours), abs(theirs)))
    return CrossCheck(
        kind=kind, subject=subject, ours=ours, theirs=theirs, difference=difference, within=abs(difference) <= largest
    )


@exact
def _compare_quantity(asset: str, ours: Decimal, theirs: Decimal, price: Decimal | None) -> CrossCheck:
    difference = (ours - theirs) * (price or ZERO)
    return CrossCheck(
        kind=CheckKind.DAILY_SNAPSHOT,
        subject=asset,
        ours=ours,
        theirs=theirs,
        difference=difference,
        within=ours == theirs or (price is not None and abs(difference) <= SMALLEST_NOTICED),
    )


def describe_difference(check: CrossCheck) -> str:
    """A sentence about a check that found a difference."""
    return (
        f"{check.kind.value.replace('_', ' ')}: {check.subject} is {check.ours:,.8f} here and {check.theirs:,.8f} at the "
        f"exchange, a difference of {check.difference:+,.2f} {VALUATION_ASSET}. Compare the wallet with the exchange's page"
    )
