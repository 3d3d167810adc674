"""Readings that are complete and well-formed, and still not to be believed at once.

What the wallets held at the reading before, plus everything known since (flows, fills, income), is what they should
hold now; open profit counts on neither side, for positions explain it. A difference is doubted where it is what known
flows would leave, within 0.5 %, that have not reached the reading (it lacks what came, or still has what went; of a
flow that is pending, the reverse): then history and balances are not of one moment. Or where it is more than 20 % of
NAV and 10 USDT. Everything is read once more in the same run (`ReadAgain`), and what stays doubtful is left out until
the next hour's reading confirms it. Smaller differences are what explanations call unexplained, also those as large
as a flow that went the other way or that the reading before had already: a deposit that no history shows yet is no
stale reading because an earlier one was as large.

Beside it: whether quantities show a flow that a refused history hides. A flow changes what is held on one side only. A
trade that is not known yet changes two sides by about the same value, and profit of open positions, fills, income and
known flows are taken off before. What is left is compared with what the last valued hour held, so it stays until it is
explained: by the history, or by the owner's word.

And whether something was on its way from one wallet to another while both were read: then one of the two has changed, and
no other wallet by as much in the opposite direction.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.flow_values import Basis, Move
from finance.ledger_entries import LedgerEntry
from finance.valuation import sum_quantities

LARGEST_UNEXPLAINED = Decimal("0.2")
SMALLEST_NOTICED = Decimal(10)  # in the valuation asset
AS_MUCH = Decimal("0.005")
SMALLEST_FLOW = Decimal("0.01")  # in the valuation asset: less is what exchanges round
HALF = Decimal("0.5")
UNTIL_THEN = "Left out until the next hour's reading confirms it"
LARGEST_SHARE = Decimal("0.005")  # of what is held
SMALLEST_TRADE = Decimal("0.8")  # the smaller side by the larger: prices move between a trade and the reading
Quantities = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """What is known to have moved an account's quantities before a reading that may not have it yet."""

    flows: tuple[LedgerEntry, ...] = ()  # that took effect
    pending: tuple[LedgerEntry, ...] = ()  # that have not yet, says the exchange
    moves: tuple[Move, ...] = ()


NOTHING = Lately()


@exact
def find_residual(held: Basis, entries: Iterable[LedgerEntry], found: Basis) -> dict[str, Decimal]:
    """Units by asset that `found` has and nothing known since `held` explains."""
    moved = [(entry.asset, entry.quantity) for entry in entries] + [(m.asset, m.quantity) for m in held.moves]
    known = sum_quantities([*held.quantities.items(), *moved])
    return sum_quantities([*found.quantities.items(), *((asset, -quantity) for asset, quantity in known.items())])


@exact
def is_notable(residual: Mapping[str, Decimal], found: Basis) -> bool:
    """Whether any of it is worth more than what exchanges round."""
    return any(abs(units * found.prices.get(asset, ZERO)) > SMALLEST_FLOW for asset, units in residual.items())


@exact
def doubt_residual(residual: Mapping[str, Decimal], found: Basis, lately: Lately, before: Lately = NOTHING) -> str:
    """Why a reading that `found` this is not believed, or nothing.

    `lately` is what it may lack; `before`, what the reading may lack that it is compared with.
    """
    values = {asset: units * found.prices.get(asset, ZERO) for asset, units in residual.items()}
    unexplained = sum(values.values(), ZERO)
    if _is_a_flow(residual, values, lately, before):
        return (
            f"{unexplained:+,.2f} USDT is unexplained, as much as a known flow moved: the balances and the history are "
            f"not of one moment. {UNTIL_THEN}"
        )
    expected = found.worth - unexplained
    if abs(unexplained) <= max(SMALLEST_NOTICED, LARGEST_UNEXPLAINED * max(abs(expected), abs(found.worth))):
        return ""
    return (
        f"NAV is {found.worth:,.2f} USDT, but the holdings of the last reading and everything known since are worth "
        f"{expected:,.2f}: {unexplained:+,.2f} is unexplained. {UNTIL_THEN}"
    )


def _is_a_flow(residual: Mapping[str, Decimal], values: Mapping[str, Decimal], lately: Lately, before: Lately) -> bool:
    """Whether an asset lacks or has what flows leave that have not reached a reading, and nothing else makes up for it.

    A deposit that was spent is no deposit that is missing.
    """
    alike = {
        asset
        for asset, units in residual.items()
        if abs(values[asset]) > SMALLEST_FLOW and is_as_much(units, _list_amounts(asset, lately, before))
    }
    flowed = {flow.asset for flow in (*lately.flows, *lately.pending, *before.flows)}
    matched = sum((values[asset] for asset in alike), ZERO)
    rest = sum((value for asset, value in values.items() if asset not in alike), ZERO)
    return bool(alike & flowed) and not is_undone(matched, rest)


@exact
def is_undone(one: Decimal, other: Decimal) -> bool:
    """Whether `other` makes up for most of `one`, both in the valuation asset."""
    return one * other < 0 and abs(other) > HALF * abs(one)


@exact
def is_as_much(units: Decimal, amounts: Iterable[Decimal]) -> bool:
    """Whether `units` are one of the `amounts`, within 0.5 %."""
    return any(amount and abs(units - amount) <= AS_MUCH * abs(amount) for amount in amounts)


def _list_amounts(asset: str, lately: Lately, before: Lately) -> Iterator[Decimal]:
    """What would be unexplained if the later reading, the one before it or both were not of their moments."""
    later = {ZERO, *_list_lacking(asset, lately), *(flow.quantity for flow in lately.pending if flow.asset == asset)}
    earlier = {ZERO, *_list_lacking(asset, before)}
    return (one - other for one in later for other in earlier)


def _list_lacking(asset: str, lately: Lately) -> Iterator[Decimal]:
    """What a reading lacks that has not got one flow, or nothing from some moment on, a flow included."""
    yield from (-flow.quantity for flow in lately.flows if flow.asset == asset)
    last = max((flow.second for flow in lately.flows), default=None)
    moved = [(flow.second, flow.quantity) for flow in lately.flows if flow.asset == asset]
    moved += [(move.at, move.quantity) for move in lately.moves if move.asset == asset]
    lacking = ZERO
    for at, quantity in sorted(moved, reverse=True):
        if last and at < last:
            yield lacking
        lacking -= quantity
    if last:
        yield lacking


@exact
def find_hidden(
    held: Quantities,
    found: Quantities,
    moves: Iterable[tuple[str, Decimal]],
    prices: Quantities,
    *,
    counted: Decimal = ZERO,
) -> Decimal:
    """What came (+) or went (-) by no known event, in the valuation asset; zero where a trade may have been all of it.

    `held` and `found` are quantities without profit of open positions and without what counts at the exchange's own
    totals; `counted` is by how much the latter grew: what went there is on no other side.
    """
    left = sum_quantities([*found.items(), *((asset, -q) for asset, q in held.items()), *((a, -q) for a, q in moves)])
    values = [quantity * prices.get(asset, ZERO) for asset, quantity in left.items()]
    came, went = sum((v for v in values if v > 0), ZERO), -sum((v for v in values if v < 0), ZERO)
    unexplained = came - went
    if abs(unexplained + counted) < abs(unexplained):
        unexplained += counted
    worth = sum((quantity * prices.get(asset, ZERO) for asset, quantity in found.items()), ZERO)
    is_little = abs(unexplained) <= max(SMALLEST_NOTICED, LARGEST_SHARE * abs(worth))
    return ZERO if is_little or _is_trade(came, went) else unexplained


def _is_trade(came: Decimal, went: Decimal) -> bool:
    return min(came, went) >= SMALLEST_TRADE * max(came, went)


@exact
def is_torn(changes: Mapping[str, Iterable[Decimal]], suspects: Iterable[str], known: Decimal, worth: Decimal) -> bool:
    """Whether one of the `suspects` changed alone: by what no other wallet lost or gained, and nothing known explains.

    `changes` are those of each wallet, asset by asset, since the reading before; `known` is what flows, fills and income
    came to in all wallets, and `worth` what they hold now. All are in the valuation asset, without profit of open positions.
    """
    values = {wallet: list(of_assets) for wallet, of_assets in changes.items()}
    nets = {wallet: sum(of_assets, ZERO) for wallet, of_assets in values.items()}
    little = min(SMALLEST_NOTICED, LARGEST_SHARE * abs(worth))
    if abs(sum(nets.values(), ZERO) - known) <= little:
        return False
    return any(_changed_alone(wallet, values[wallet], nets, known, little) for wallet in suspects if wallet in values)


def _changed_alone(
    wallet: str, values: Iterable[Decimal], nets: Mapping[str, Decimal], known: Decimal, little: Decimal
) -> bool:
    values = list(values)
    if _is_trade(sum((v for v in values if v > 0), ZERO), -sum((v for v in values if v < 0), ZERO)):
        return False
    net = nets[wallet]
    near = max(little, LARGEST_SHARE * abs(net))
    others = [ZERO, *(other for name, other in nets.items() if name != wallet)]
    return all(min(abs(net + other), abs(net + other - known)) > near for other in others)
