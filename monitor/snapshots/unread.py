"""What could not be read, beside the exchange's own totals: pure.

Each total is compared with what was read of the wallets it covers. What is left of it decides what the refusal of one
of them means (`monitor.exchanges.policy`), is money that the hour lacks, or counts as it is where the owner said so
(`account count-total`): then it is a holding of its own in the valuation asset, and gets smaller by itself as soon as
more of it can be read.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from shlex import quote as quote_shell

from finance.decimals import ZERO, exact, stored
from finance.decimals import total as add
from finance.observed import COUNTED, AccountReading, Balance, Role, WalletReading, WalletState, WalletTotal
from finance.prices import VALUATION_ASSET
from finance.valuation import Holding, value_by_wallet
from monitor.exchanges.policy import SMALLEST_NOTICED, Evidence, Meaning, is_estimate, judge
from monitor.snapshots.cross_checks import LARGEST_SHARE

LARGEST_LACK = Decimal("0.05")  # of a total: interest to come and other prices explain no more
STATES = {
    Meaning.NOT_OPENED: WalletState.NOT_OPENED,
    Meaning.REFUSED: WalletState.REFUSED,
    Meaning.COUNTED: WalletState.COUNTED,
}
Left = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the database knows of an account's wallets."""

    label: str  # the account's
    used: Collection[str] = ()  # wallets that have held something
    judged: Collection[str] = ()  # wallets that were refused before, when nothing was missing
    counted: Collection[str] = ()  # wallets or totals that count at the exchange's own total: the owner's word

    def counts(self, total: WalletTotal) -> bool:
        """Whether `total` counts by the owner's word."""
        return not {total.name, *total.wallets}.isdisjoint(self.counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Every wallet of an account with what it means to the hour."""

    wallets: tuple[WalletReading, ...]  # also one for each total that counts
    lacks: tuple[str, ...] = ()  # money that is nowhere among them: the hour has no NAV
    may_be_found: bool = False  # some of it in wallets that were read: it may be there in a second reading
    caveats: tuple[str, ...] = ()  # why the hour stands and may lack something all the same
    ended: tuple[str, ...] = ()  # words of the owner that are not needed any more


def judge_wallets(reading: AccountReading, holdings: Collection[Holding], remembered: Remembered) -> Judged:
    """What the wallets of `reading` mean; `holdings` are what was found in those that were read."""
    left = _find_left(reading, holdings)
    pairs = [_judge(wallet, reading, left, remembered) for wallet in reading.wallets]
    wallets = tuple(wallet for wallet, _ in pairs)
    counted = [_count(total, wallets, left) for total in reading.totals if remembered.counts(total)]
    lacking = _find_lacks(wallets, reading.totals, left, remembered)
    return Judged(
        wallets=(*wallets, *(one for one in counted if one), *_without_total(reading, remembered)),
        lacks=tuple(lacking.values()),
        may_be_found=any(one.wallets for one in lacking),
        caveats=tuple(caveat for _, caveat in pairs if caveat),
        ended=_find_ended(reading, wallets, left, remembered),
    )


@exact
def _find_left(reading: AccountReading, holdings: Collection[Holding]) -> dict[str, Decimal]:
    """What is left of each total beyond what was read of its wallets.

    A coin of one wallet that the exchange counts in the total of another is left in that one and missing in its own.
    """
    values = value_by_wallet(holdings)
    left = {
        one.name: stored(one.value - sum((values.get(name, ZERO) for name in one.wallets), ZERO))
        for one in reading.totals
    }
    for one in reading.totals:
        shown = [h for h in holdings if h.asset in one.shown_here and h.wallet not in one.wallets]
        own = {other.name for other in reading.totals for h in shown if h.wallet in other.wallets}
        worth = sum((h.value or ZERO for h in shown), ZERO)
        missing = sum((max(-left[name], ZERO) for name in own), ZERO)
        left[one.name] -= max(min(worth, missing, left[one.name]), ZERO)
    return left


def _judge(
    wallet: WalletReading, reading: AccountReading, left: Left, remembered: Remembered
) -> tuple[WalletReading, str]:
    """A wallet with its meaning, and why the hour may lack something by it."""
    was_used = wallet.wallet in remembered.used
    if wallet.state is WalletState.NOT_OPENED and wallet.refusal is None:
        return wallet, f"{wallet.wallet}: it held something before, and now: {wallet.problem}" if was_used else ""
    if not wallet.is_refused:
        return wallet, ""
    covering = _find_covering(wallet, reading)
    has_all = bool(reading.totals) and reading.has_totals
    known = Evidence(
        key_works=any(other.state is WalletState.READ for other in reading.wallets),
        was_used=was_used,
        was_judged=wallet.wallet in remembered.judged,
        total=add(_sift(one, left[one.name]) for one in covering) if covering or has_all else None,
        has_totals=reading.has_totals,
        is_counted=wallet.wallet in remembered.counted or any(map(remembered.counts, covering)),
    )
    meaning = judge(wallet.place, wallet.refusal, known)
    caveat = f"{wallet.wallet}: {wallet.problem}" if is_estimate(wallet.place, meaning, known) else ""
    state = STATES.get(meaning, WalletState.FAILED)
    return replace(wallet, state=state, problem=_describe(wallet, covering, left, meaning, remembered)), caveat


def _find_covering(wallet: WalletReading, reading: AccountReading) -> list[WalletTotal]:
    """The totals that the wallet is in. One that may stand for several others is only in those whose own was not read."""
    read = {other.wallet for other in reading.wallets if other.state is WalletState.READ}
    covering = [one for one in reading.totals if wallet.wallet in one.wallets]
    return covering if len(covering) == 1 else [one for one in covering if read.isdisjoint(one.wallets)]


def _describe(
    wallet: WalletReading, covering: Iterable[WalletTotal], left: Left, meaning: Meaning, remembered: Remembered
) -> str:
    worth = [one for one in covering if _sift(one, left[one.name])]
    if meaning is Meaning.HOLDS_MONEY:
        holds = ", ".join(f"{left[one.name]:,.2f} {VALUATION_ASSET} ({one.name})" for one in worth)
        return f"it holds {holds} by the exchange's own totals. {wallet.problem} {_advise(worth, remembered)}"
    if meaning is Meaning.COUNTED:
        return f"counts at the exchange's own total, as you chose. {wallet.problem}"
    if meaning is Meaning.REFUSED and worth:
        worth_then = ", ".join(f"{left[one.name]:,.2f} {VALUATION_ASSET}" for one in worth)
        return f"worth {worth_then} by the exchange's own totals. {wallet.problem}"
    if meaning is Meaning.FAILED:
        return f"{wallet.problem} The exchange's totals, which would say what is in it, are not known either."
    return wallet.problem


def _advise(totals: Iterable[WalletTotal], remembered: Remembered) -> str:
    """The command that lets totals count."""
    label = quote_shell(remembered.label)
    commands = [f"python -m monitor account count-total {label} {quote_shell(one.name)}" for one in totals]
    return f"To let it count at that total: {', '.join(commands)}"


def _count(total: WalletTotal, wallets: Iterable[WalletReading], left: Left) -> WalletReading | None:
    """What is left of a total as a holding; None where the hour is partial anyway, or everything of it was read."""
    covering = [wallet for wallet in wallets if wallet.wallet in total.wallets]
    amount = _sift(total, left[total.name])
    if any(wallet.state is WalletState.FAILED for wallet in covering):
        return None
    if not amount and not any(wallet.state is WalletState.COUNTED for wallet in covering):
        return None
    return WalletReading(
        wallet=total.counted_name,
        state=WalletState.COUNTED,
        balances=(Balance(asset=VALUATION_ASSET, free=max(amount, ZERO), owed=max(-amount, ZERO)),),
        problem="counts at the exchange's own total, as you chose",
    )


def _sift(total: WalletTotal, amount: Decimal) -> Decimal:
    """What is left of a total; nothing where other prices of what was read explain it, or more was read."""
    return amount if amount == total.value or (amount > 0 and _is_noticed(total, amount)) else ZERO


@exact
def _is_noticed(total: WalletTotal, amount: Decimal, share: Decimal = LARGEST_SHARE) -> bool:
    return abs(amount) > max(SMALLEST_NOTICED, share * abs(total.value))


def _without_total(reading: AccountReading, remembered: Remembered) -> list[WalletReading]:
    """Failures for what counts at a total that is not reported now, and that no wallet stands for."""
    known = {name for one in reading.totals for name in (one.name, *one.wallets)}
    known |= {wallet.wallet for wallet in reading.wallets}
    why = reading.problem or "the exchange's totals do not name it"
    problem = f"it counts at the exchange's own total, which is not known: {why}"
    return [
        WalletReading(wallet=COUNTED + name, state=WalletState.FAILED, problem=problem)
        for name in sorted(set(remembered.counted) - known)
    ]


def _find_lacks(
    wallets: Iterable[WalletReading], totals: Iterable[WalletTotal], left: Left, remembered: Remembered
) -> dict[WalletTotal, str]:
    """Where money is by the exchange's totals and not among what was read, as problems of the hour."""
    wallets = tuple(wallets)
    return {
        one: f"{reason} holds {one.value:,.2f} {VALUATION_ASSET} by the exchange's own totals: {one.name}"
        + (f" ({', '.join(one.wallets)})" if one.wallets else "")
        + f". {_advise([one], remembered)}"
        for one in totals
        if not remembered.counts(one) and (reason := _why_lacking(wallets, one, left[one.name]))
    }


def _why_lacking(wallets: Iterable[WalletReading], total: WalletTotal, amount: Decimal) -> str:
    """Why we lack what a total has; empty if we have it, or know already that we can't.

    What is required is read as a whole or not at all: there other prices are no lack.
    """
    covering = [wallet for wallet in wallets if wallet.wallet in total.wallets]
    if not covering:
        return "a wallet that the exchange lets no program read" if abs(amount) > SMALLEST_NOTICED else ""
    if any(w.state in (WalletState.FAILED, WalletState.COUNTED) or w.is_refused for w in covering):
        return ""
    if not any(wallet.state is WalletState.READ and not wallet.is_empty for wallet in covering):
        return "a wallet that was read as empty" if abs(total.value) > SMALLEST_NOTICED else ""
    is_optional = all(wallet.role is not Role.REQUIRED for wallet in covering)
    if is_optional and amount > 0 and _is_noticed(total, amount, LARGEST_LACK):
        return f"a wallet of which {total.value - amount:,.2f} {VALUATION_ASSET} was read"
    return ""


def _find_ended(
    reading: AccountReading, wallets: Iterable[WalletReading], left: Left, remembered: Remembered
) -> tuple[str, ...]:
    """The owner's words about totals whose wallets are all read again, with nothing left to count."""
    wallets = tuple(wallets)
    ended = set()
    for one in reading.totals:
        covering = [wallet for wallet in wallets if wallet.wallet in one.wallets]
        is_read = bool(covering) and all(wallet.state is WalletState.READ for wallet in covering)
        if remembered.counts(one) and is_read and not _is_noticed(one, left[one.name]):
            ended |= {one.name, *one.wallets} & set(remembered.counted)
    return tuple(sorted(ended))
