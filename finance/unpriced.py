"""Coins that nobody can price: which of them count as nothing, and which leave the hour without a NAV. Pure.

One that is worth less than the dust limit by its last trade counts as nothing. So does one that was never traded, if the
exchange's own total of its wallet leaves no room for it, and if the last NAV had it for no more than that limit: what was
worth something by another exchange's price is no nothing while that exchange is away. Flows of such a coin count as
nothing as well, so neither is a gain or a loss. It stays listed with its quantity, and the NAV is marked as an estimate.
Any other leaves the hour without a NAV until the market prices it or the owner says what it is worth.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from finance.decimals import ZERO, exact, total
from finance.observed import WalletTotal
from finance.prices import VALUATION_ASSET, AssetPrice
from finance.valuation import Holding, value_by_wallet

LARGEST_SHARE = Decimal("0.005")  # of a wallet: what different prices explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What unpriced coins mean for the hour."""

    problems: tuple[str, ...] = ()  # why there is no NAV
    estimates: tuple[str, ...] = ()  # why it is an estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What decides whether a coin without a price may count as nothing."""

    outdated: Mapping[str, AssetPrice] = field(default_factory=dict)  # last trades that are too old to be prices
    valued: Mapping[str, AssetPrice] = field(default_factory=dict)  # what the last NAV had for what has no price now
    totals: Sequence[WalletTotal] = ()  # the exchange's own
    dust_limit: Decimal = ZERO  # in the valuation asset, for all such coins of an account together
    failure: str = ""  # why there may be prices that could not be read


def judge_unpriced(holdings: Iterable[Holding], yardstick: Yardstick) -> Verdict:
    """Judge the `holdings` without a value among all of an account."""
    holdings = tuple(holdings)
    unpriced = [holding for holding in holdings if holding.value is None]
    traded = [asset for asset in _assets(unpriced) if asset in yardstick.outdated]
    left = yardstick.dust_limit
    problems, estimates = [], []
    for worth, asset in sorted((_last_worth(unpriced, yardstick.outdated[asset]), asset) for asset in traded):
        left -= worth
        text = f"{_describe(unpriced, asset)}, worth {worth:,.2f} {VALUATION_ASSET} by the last trade, "
        text += f"{yardstick.outdated[asset].traded_at:%Y-%m-%d}"
        estimates += [f"{text}: counted as nothing"] if left >= 0 else []
        problems += [f"{text}. {_advise(asset)}"] if left < 0 else []
    rooms = _find_rooms(holdings, yardstick)
    for asset in _assets(unpriced):
        if asset in traded:
            continue
        valued = yardstick.valued.get(asset)
        worth = _last_worth(unpriced, valued) if valued else ZERO
        left -= worth
        text, room = _describe(unpriced, asset), _find_room(unpriced, asset, rooms)
        if valued and left < 0:
            room = _describe_valued(valued, worth)
        if room:
            reason = f" ({yardstick.failure})" if yardstick.failure else ""
            problems.append(f"{text}{reason}, and {room}. {_advise(asset)}")
        else:
            estimates.append(f"{text}, and the exchange's own total leaves nothing for it: counted as nothing")
    return Verdict(problems=tuple(problems), estimates=tuple(estimates))


def _assets(unpriced: Iterable[Holding]) -> list[str]:
    return sorted({holding.asset for holding in unpriced})


@exact
def _last_worth(unpriced: Iterable[Holding], last: AssetPrice) -> Decimal:
    held = total(holding.balance.quantity for holding in unpriced if holding.asset == last.asset)
    return abs(held) * last.value


def _describe_valued(last: AssetPrice, worth: Decimal) -> str:
    at = f"{last.traded_at:%Y-%m-%d %H:%M} UTC"
    return f"it was worth {worth:,.2f} {VALUATION_ASSET} at {at} by {last.route_name}, which can't be had now"


@exact
def _find_rooms(holdings: Sequence[Holding], yardstick: Yardstick) -> dict[str, str]:
    """By wallet that a total covers: what the total leaves beside the priced coins, in words; empty if it is little."""
    values = value_by_wallet(holdings)
    rooms: dict[str, str] = {}
    for one in yardstick.totals:
        ours = total(values.get(wallet, ZERO) for wallet in (*one.wallets, one.counted_name))
        room = one.value - ours
        largest = max(yardstick.dust_limit, LARGEST_SHARE * max(abs(ours), abs(one.value)))
        said = f"the exchange's own total of {one.name} is {room:+,.2f} {VALUATION_ASSET} off what has a price"
        rooms |= dict.fromkeys(one.wallets, said if abs(room) > largest else "")
    return rooms


def _find_room(unpriced: Iterable[Holding], asset: str, rooms: Mapping[str, str]) -> str:
    wallets = [holding.wallet for holding in unpriced if holding.asset == asset]
    said = [rooms.get(wallet, f"no total of {wallet} is reported by the exchange") for wallet in wallets]
    return next(filter(None, said), "")


def _describe(unpriced: Iterable[Holding], asset: str) -> str:
    held = [f"{h.balance.quantity.normalize():f} {asset} in {h.wallet}" for h in unpriced if h.asset == asset]
    return f"{' and '.join(held)} {'has' if len(held) == 1 else 'have'} no price"


def _advise(asset: str) -> str:
    return f'Say what one is worth: python -m monitor price set {asset} VALUE --note "..."'
