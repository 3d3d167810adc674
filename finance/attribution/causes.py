"""What probably lies behind quantities that no history shows, in plain words and with what to do.

The first pattern that fits is named. Each says only what its figures say: "probably" is the owner's to decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from shlex import quote

from finance.attribution.events import Event, Flow, Income, Standing
from finance.attribution.explanation import AssetExplanation, Explanation, sum_amounts
from finance.decimals import UNROUNDED, ZERO, exact
from finance.exchanges import NAMES, name_fee_setting
from finance.moments import hour_of
from finance.plausibility import is_as_much
from finance.prices import VALUATION_ASSET
from finance.records import FeePlace, IncomeKind

LABEL = "LABEL"  # stands for the account in what is stored
MANY_ASSETS = 4
SWAP_DISTANCE = Decimal("0.05")  # how far the two values of one trade may be apart
INTEREST_SHARE = Decimal("0.001")  # of what is held: more in an hour is no interest
FUNDING_SHARE = Decimal("0.03")  # of the position's margin
FUNDING_HOURS = (0, 8, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """An hour that is not explained, and what is known around it."""

    hour: Explanation
    before: Standing
    after: Standing
    events: Sequence[Event]
    hour_before: Explanation | None = None  # the explanation of the valued hour before
    exchange: str  # whose account it is

    @property
    def first(self) -> AssetExplanation:
        """The most valuable residual."""
        return self.hour.missing[0]


def suggest_cause(evidence: Evidence) -> str:
    """The likely cause of the hour's residual, and what the owner can do."""
    if not evidence.hour.missing:
        return "NAV is not the sum of the holdings' values: please report this as a fault."
    with localcontext(UNROUNDED):
        return next(text for pattern in PATTERNS if (text := pattern(evidence)))


def name_account(cause: str, label: str) -> str:
    """A cause whose command names the account, as a shell takes it; stored causes outlive its labels."""
    return cause.replace(f"--account {LABEL}", f"--account {quote(label)}")


def _stamped_late(evidence: Evidence) -> str:
    """The opposite of the hour before: the balance changed before the reading, the event is stamped after it."""
    before = evidence.hour_before
    if before is None or before.hour != evidence.hour.from_hour:
        return ""
    earlier = {asset.asset: asset.residual for asset in before.missing}
    if earlier != {asset.asset: -asset.residual for asset in evidence.hour.missing}:
        return ""
    return (
        f"The hour before lacks exactly the opposite of {_describe(evidence.hour.missing)}: something happened in the "
        "seconds of its reading and was counted an hour late. The two cancel; nothing has to be done."
    )


def _not_there(evidence: Evidence) -> str:
    """What is missing is what a flow of the hour moved."""
    asset = evidence.first
    moved = [e.quantity for e in evidence.events if isinstance(e, Flow) and e.asset == asset.asset]
    if len(evidence.hour.missing) > 1 or not is_as_much(asset.residual, [-quantity for quantity in moved]):
        return ""
    return (
        f"{_units(asset)} is missing, as much as a deposit or withdrawal of this hour: its record is there, but the balance did "
        "not show it yet. It counts as soon as the balance does; nothing has to be done."
    )


def _fee_elsewhere(evidence: Evidence) -> str:
    """What is missing is the fee of withdrawals of which nothing showed whether it is inside their amounts or on top."""
    missing = {asset.asset: asset.residual for asset in evidence.hour.missing}
    flows = [e for e in evidence.events if isinstance(e, Flow) and e.doubted_fee and e.asset in missing]
    if missing != sum_amounts({flow.asset: flow.doubted_fee} for flow in flows):
        return ""
    first, *others = flows
    is_inside, fee = first.doubted_fee < 0, abs(first.doubted_fee)
    taken, other = ("inside its amount", "on top") if is_inside else ("on top of its amount", "out of it")
    setting = f"{name_fee_setting(evidence.exchange)}={FeePlace.ON_TOP if is_inside else FeePlace.INSIDE}"
    return (
        f"{_describe(evidence.hour.missing)} is exactly the fee of the withdrawal of {_plain(-first.quantity - fee)} "
        f"{first.asset} at {first.occurred_at:%Y-%m-%d %H:%M} UTC{f' and of {len(others)} more' if others else ''}: it was counted "
        f"{taken}, and {NAMES[evidence.exchange]} may take it {other}. If so, set {setting}; the next run puts every "
        "withdrawal right, back to the first."
    )


def _many(evidence: Evidence) -> str:
    missing = evidence.hour.missing
    if len(missing) < MANY_ASSETS or 2 * len(missing) <= len(evidence.before.quantities):
        return ""
    return (
        f"{len(missing)} assets changed at once without any record: probably a wallet that is not read, or a transfer "
        "to one. Compare the wallets on the Holdings page with those at the exchange."
    )


def _rescaled(evidence: Evidence) -> str:
    """Units that are worth nothing more or less: so are those booked of a coin with another scale."""
    asset = evidence.first
    if len(evidence.hour.missing) > 1 or not asset.before or asset.residual_value or not asset.price:
        return ""
    return (
        f"{asset.asset} went from {_plain(asset.before)} to {_plain(asset.after)}, and its price the other way by the same "
        "factor: probably the exchange redenominated it. Nothing was gained or lost; its trade ends and goes on as another."
    )


def _renamed(evidence: Evidence) -> str:
    """All of one asset became another one."""
    pair = _swap(evidence)
    if pair is None:
        return ""
    gone, come = pair
    if gone.after or come.before or gone.before != -gone.residual:
        return ""
    return (
        f"All {_plain(gone.before)} {gone.asset} became {_plain(come.after)} {come.asset}: probably the exchange "
        "renamed or converted the coin, or a convert without a record. Nothing has to be done."
    )


def _swapped(evidence: Evidence) -> str:
    pair = _swap(evidence)
    if pair is None:
        return ""
    gone, come = pair
    return (
        f"{_units(gone)} went and {_units(come)} came, of about the same value: probably a trade or a convert "
        "that could not be read yet. Every run looks for it."
    )


def _swap(evidence: Evidence) -> tuple[AssetExplanation, AssetExplanation] | None:
    """The two assets of the residual, if one went and the other came at about the same value."""
    missing = evidence.hour.missing
    if len(missing) != 2 or missing[0].residual * missing[1].residual >= 0:
        return None
    gone, come = sorted(missing, key=lambda asset: asset.residual)
    difference = abs(gone.residual_value + come.residual_value)
    return (gone, come) if difference <= SWAP_DISTANCE * abs(come.residual_value) else None


def _funding(evidence: Evidence) -> str:
    asset = evidence.first
    profit = evidence.before.unrealised.get(asset.asset, ZERO)
    is_known = any(isinstance(e, Income) and e.kind is IncomeKind.FUNDING_FEE for e in evidence.events)
    if len(evidence.hour.missing) > 1 or not profit or is_known or not _settles(evidence.before, evidence.after):
        return ""
    if abs(asset.residual) > FUNDING_SHARE * abs(asset.before):
        return ""
    return (
        f"{_units(asset)} {_verb(asset)} at a funding time while a position was open: probably its funding fee, which "
        "appears late. It is read again at every run."
    )


def _settles(before: Standing, after: Standing) -> bool:
    moment = hour_of(before.taken_at) + timedelta(hours=1)
    moments: list[datetime] = []
    while moment <= after.taken_at:
        moments.append(moment)
        moment += timedelta(hours=1)
    return any(found.hour in FUNDING_HOURS for found in moments)


def _interest(evidence: Evidence) -> str:
    asset = evidence.first
    if len(evidence.hour.missing) > 1 or not 0 < asset.residual <= asset.before * INTEREST_SHARE:
        return ""
    return (
        f"{_units(asset)} came, a very small part of the {_plain(asset.before)} held: probably interest or a reward "
        "that appears late. It is read again at every run."
    )


def _came(evidence: Evidence) -> str:
    asset = evidence.first
    if len(evidence.hour.missing) > 1 or asset.residual < 0:
        return ""
    return (
        f"{_units(asset)} came without any record: probably an airdrop, a gift, or a deposit that the exchange "
        f"lets no program read. It counts as a gain. If you paid it in: {_advice(evidence, 'in', asset)}"
    )


def _went(evidence: Evidence) -> str:
    asset = evidence.first
    if len(evidence.hour.missing) > 1:
        return ""
    return (
        f"{_units(asset)} left without any record: probably a payment, a card purchase, or a transfer to a "
        f"wallet that the exchange lets no program read. It counts as a loss. If you took it out: {_advice(evidence, 'out', asset)}"
    )


def _several(evidence: Evidence) -> str:
    return (
        f"{_describe(evidence.hour.missing)} without any record: probably trades that could not be read yet, or several "
        "things in one hour. Every run looks for the trades; the rest counts as gain or loss."
    )


PATTERNS: tuple[Callable[[Evidence], str], ...] = (
    _stamped_late,
    _not_there,
    _fee_elsewhere,
    _rescaled,
    _renamed,
    _swapped,
    _many,
    _funding,
    _interest,
    _came,
    _went,
    _several,
)


def _advice(evidence: Evidence, direction: str, asset: AssetExplanation) -> str:
    return (
        f"python -m monitor flow add --account {LABEL} --{direction} {_plain(abs(asset.residual))} {asset.asset} "
        f'--at {evidence.after.taken_at - timedelta(minutes=1):%Y-%m-%dT%H:%MZ} --note "..."'
    )


def _verb(asset: AssetExplanation) -> str:
    return "came" if asset.residual > 0 else "went"


def _describe(missing: Sequence[AssetExplanation]) -> str:
    return ", ".join(f"{'+' if asset.residual > 0 else '-'}{_units(asset)}" for asset in missing[:MANY_ASSETS])


@exact
def _units(asset: AssetExplanation) -> str:
    units = f"{_plain(abs(asset.residual))} {asset.asset}"
    return units if asset.asset == VALUATION_ASSET else f"{units} ({abs(asset.residual_value):,.2f} {VALUATION_ASSET})"


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
