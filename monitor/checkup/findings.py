"""What the answers of a check mean to every hour of the account: judged as a run judges them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from finance.decimals import ZERO
from finance.observed import COUNTED, Place, Role, WalletReading, WalletState
from monitor.checkup.asking import Asked
from monitor.exchanges.contract import Account, Source, SourceReading, SourceState
from monitor.exchanges.http.capture import POSITIONS, Captured
from monitor.exchanges.policy import Evidence, Meaning, judge, voids
from monitor.ledger.lookback import SourceMarks
from monitor.market.other_prices import RunPrices
from monitor.snapshots.snapshot import Snapshot, judge_histories
from monitor.snapshots.unread import Remembered
from monitor.snapshots.valued_reading import ValuedReading, value_reading

WALLETS = {
    WalletState.READ: Meaning.READ,
    WalletState.NOT_OPENED: Meaning.NOT_OPENED,
    WalletState.REFUSED: Meaning.REFUSED,
    WalletState.COUNTED: Meaning.COUNTED,
    WalletState.FAILED: Meaning.FAILED,
}
HISTORIES = {
    SourceState.READ: Meaning.READ,
    SourceState.BEHIND: Meaning.READ,
    SourceState.ABSENT: Meaning.NOT_OPENED,
    SourceState.REFUSED: Meaning.REFUSED,
    SourceState.FAILED: Meaning.FAILED,
}
REQUIRED = ("prices", "wallets", "key")  # of what is no wallet and no history


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one place's answers mean."""

    place: Place
    meaning: Meaning
    known: Evidence
    problem: str = ""  # in the exchange's words and with amounts: for the owner alone

    @property
    def voids(self) -> bool:
        """Whether no hour has a NAV as long as it stays so."""
        return voids(self.place, self.meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What all answers mean."""

    captured: tuple[Captured, ...]
    places: tuple[Finding, ...]
    problems: tuple[str, ...]  # why an hour is not complete, as its row would say: for the owner alone
    caveats: tuple[str, ...]  # why one that is complete may lack something: for the owner alone
    unpriced: int  # coins without a price that is believed
    estimates: int  # prices that are none of this moment, or none at all, and don't matter
    unmatched: int  # totals of the exchange that hold what we read nowhere
    wallets: tuple[WalletReading, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every hour will be complete."""
        return not self.problems and not any(one.voids for one in self.places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What is known of an account beside its answers."""

    remembered: Remembered
    marks: SourceMarks
    basket: frozenset[str]  # of its benchmarks
    dust_limit: Decimal  # what coins without a price may come to


def judge_answers(asked: Asked, account: Account, background: Background, prices: RunPrices | None) -> Findings:
    """What everything that was asked means at `prices`, None where there are none."""
    histories = judge_histories(asked.flows, account.flow_sources, background.marks)
    places = [_judge_history(reading, account.flow_sources) for reading in histories]
    places += [_judge_history(reading, account.income_sources) for reading in asked.income]
    seen = _value(asked, histories, account, background, prices)
    if seen:
        wallets = [one for one in seen.judged.wallets if one.state in WALLETS and not one.wallet.startswith(COUNTED)]
        reading = seen.snapshot.reading
        places = [*(_judge_wallet(one, bool(reading.totals) and reading.has_totals) for one in wallets), *places]
    named = {one.place.name for one in places}
    others = dict.fromkeys(captured.place for captured in asked.captured if captured.place not in named)
    places += [_judge_other(name, asked) for name in others]
    return Findings(
        captured=asked.captured,
        places=tuple(places),
        problems=tuple(_list_problems(asked, seen, background.basket)),
        caveats=(*seen.refused, *seen.valuation.estimates) if seen else (),
        unpriced=_count_unpriced(seen) if seen else 0,
        estimates=len(seen.valuation.estimates) if seen else 0,
        unmatched=len(seen.judged.lacks) if seen else 0,
        wallets=seen.judged.wallets if seen else asked.wallets.wallets if asked.wallets else (),
    )


def _value(
    asked: Asked,
    histories: tuple[SourceReading, ...],
    account: Account,
    background: Background,
    prices: RunPrices | None,
) -> ValuedReading | None:
    """The reading as a run would value it; None where it can't be valued at all."""
    if asked.wallets is None or prices is None:
        return None
    snapshot = Snapshot(taken_at=asked.at, reading=asked.wallets, histories=histories, income=asked.income)
    return value_reading(
        snapshot, background.remembered, background.basket, account.unseen, prices, background.dust_limit
    )


def _count_unpriced(seen: ValuedReading) -> int:
    """How many problems are none of a wallet's: coins whose price is missing or not believed."""
    return len(seen.valuation.problems) - sum(one.state is WalletState.FAILED for one in seen.judged.wallets)


def _list_problems(asked: Asked, seen: ValuedReading | None, basket: frozenset[str]) -> list[str]:
    failures = [f"{name}: {problem}" for name, problem in asked.failures.items() if name in REQUIRED]
    pause = [f"{asked.pause} What comes after that was not asked."] if asked.pause else []
    if seen is None:
        return [*failures, *pause]
    missing = [f"the benchmark's {asset} has no price" for asset in sorted(basket - seen.prices.keys())]
    return [*failures, *pause, *seen.problems, *missing]


def _judge_wallet(wallet: WalletReading, has_totals: bool) -> Finding:
    known = Evidence(total=ZERO if has_totals else None)
    return Finding(place=wallet.place, meaning=WALLETS[wallet.state], known=known, problem=wallet.problem)


def _judge_history(reading: SourceReading, sources: Iterable[Source]) -> Finding:
    place = next(source.place for source in sources if source.name == reading.source)
    return Finding(place=place, meaning=HISTORIES[reading.state], known=Evidence(), problem=reading.problem)


def _judge_other(name: str, asked: Asked) -> Finding:
    """What is no wallet and no history; of positions the wallet's total would say whether there are any."""
    role = Role.REQUIRED if name in REQUIRED else Role.WALLET if name.startswith(POSITIONS) else Role.INCOME
    place = Place(name=name, role=role, has_own_right=role is not Role.REQUIRED)
    refused = next((captured for captured in asked.captured if captured.place == name and captured.problem), None)
    known = Evidence(total=ZERO)
    meaning = judge(place, refused.refusal, known) if refused else Meaning.READ
    return Finding(place=place, meaning=meaning, known=known, problem=refused.problem if refused else "")
