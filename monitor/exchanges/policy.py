"""What an answer means to the hour: one policy for every wallet and every history, pure.

An adapter asks, and hands on what came back (`Refusal`, from the error that was raised); what the database and the
exchange's own totals know beside it is `Evidence`. `judge` puts them together:

    meaning = judge(Place(name="options", role=Role.WALLET, has_own_right=True), error.refusal, Evidence(total=ZERO))
    describe_effect(place, meaning, known)  # "the hour stands: ..." for people; `voids(place, meaning)` for programs

What a wallet or history answers when it is read needs no judgement: it is Meaning.READ.

Nothing becomes an empty wallet or an empty history by accident. *Not opened* is only what the exchange itself refuses
in its own words (a JSON error with HTTP 400, 401 or 404), or a path that is gone (404 with a page), that has never held
or shown anything here, and that the exchange's own total values at zero. A page of any other status is a firewall or a
proxy, a signature that is refused is our own fault, and a key that is refused is the key's, but where it may lack a
right of its own: all of them have failed.

Nothing voids every hour for ever either, if it is not required: a wallet that is refused counts as what the exchange's
own total says of it. Zero stands; money makes the hour partial until the owner lets it count at that total. A history
of flows that is refused leaves the hour complete and estimated, because a flow that it hides moves quantities, and
those are looked at (`finance.plausibility`). Where the exchange's totals are missing, too, what was judged before
stays so; what was not waits for them, unless it refuses those totals as well: then waiting would change nothing, and a
wallet that never held anything stands, estimated.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from finance.observed import Place, Refusal, RefusalReason, Role

OWN_STATUSES = (400, 401, 404)
SMALLEST_NOTICED = Decimal(1)  # in the valuation asset: less is said to be there, and voids no hour


class Meaning(StrEnum):
    """What an answer means."""

    READ = "read"
    NOT_OPENED = "not opened"  # the account has no such thing, or not for this key: nothing can be missing
    REFUSED = "refused"  # it can't be read, and nothing says that anything is missing
    HOLDS_MONEY = "holds money"  # it can't be read, and the exchange's own total says that money is in it
    COUNTED = "counted"  # it can't be read, and counts at the exchange's own total: the owner's word
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a place beside its answer."""

    key_works: bool = True  # spot was read with the same key in the same run
    was_used: bool = False  # it has held or shown something here
    was_judged: bool = False  # it was refused before, and nothing was missing then
    total: Decimal | None = None  # what the exchange says is in it beyond what was read, in the valuation asset
    has_totals: bool = True  # False: the exchange gives no totals of this account, and will not
    is_counted: bool = False  # the owner lets it count at the exchange's own total


def judge(place: Place, refusal: Refusal | None, known: Evidence) -> Meaning:
    """What it means that `place` could not be read; `refusal` is None where nobody answered, or not what was asked."""
    if place.role is Role.REQUIRED or refusal is None or not is_own_refusal(refusal):
        return Meaning.FAILED
    if refusal.reason is RefusalReason.KEY and not (place.has_own_right and known.key_works):
        return Meaning.FAILED
    if place.role is Role.WALLET:
        return _judge_wallet(refusal, known)
    return Meaning.NOT_OPENED if _says_absent(refusal) and not known.was_used else Meaning.REFUSED


def is_own_refusal(refusal: Refusal | None) -> bool:
    """Whether the exchange itself said no, rather than something in between, or something to our signature."""
    if refusal is None:
        return False
    if refusal.code is None:
        return refusal.status == 404 and refusal.is_page
    is_own = refusal.is_own or refusal.status in OWN_STATUSES
    return is_own and refusal.reason is not RefusalReason.SIGNATURE


def _says_absent(refusal: Refusal) -> bool:
    """Whether the account has no such thing, or the key no right to it; what a key may always read has failed by then."""
    return refusal.reason in (RefusalReason.NOT_OPENED, RefusalReason.KEY)


def _judge_wallet(refusal: Refusal, known: Evidence) -> Meaning:
    if known.total is None:
        return _judge_without_total(refusal, known)
    if known.is_counted:
        return Meaning.COUNTED
    if abs(known.total) > SMALLEST_NOTICED:
        return Meaning.HOLDS_MONEY
    return Meaning.REFUSED if known.was_used or known.total else Meaning.NOT_OPENED


def _judge_without_total(refusal: Refusal, known: Evidence) -> Meaning:
    is_known = known.was_judged or not (known.has_totals or known.was_used)
    if known.is_counted or not is_known:
        return Meaning.FAILED
    is_said = _says_absent(refusal) if known.has_totals else refusal.reason is RefusalReason.NOT_OPENED
    return Meaning.NOT_OPENED if is_said and not known.was_used else Meaning.REFUSED


def voids(place: Place, meaning: Meaning) -> bool:
    """Whether the hour has no NAV by it."""
    return meaning is Meaning.HOLDS_MONEY or (meaning is Meaning.FAILED and place.role is not Role.INCOME)


def is_estimate(place: Place, meaning: Meaning, known: Evidence) -> bool:
    """Whether the hour stands and may lack something all the same."""
    if meaning is not Meaning.REFUSED:
        return False
    return place.role is Role.FLOWS or (place.role is Role.WALLET and known.total is None)


def describe_effect(place: Place, meaning: Meaning, known: Evidence, worth: str = "") -> str:
    """What `meaning` does to the hour, in words; `worth` stands for the exchange's own total where that is not to be shown."""
    worth = worth or f"{known.total or 0:,.2f} USDT"
    effects = {
        Meaning.READ: "counted",
        Meaning.NOT_OPENED: "the hour stands: the account has none, or not for this key; asked again every day",
        Meaning.HOLDS_MONEY: f"PARTIAL: it holds {worth} by the exchange's own totals and can't be read; to let it "
        f"count at that total: python -m monitor account count-total LABEL {place.name}",
        Meaning.COUNTED: f"the hour stands: counted at the exchange's own total, {worth}, as you chose",
        Meaning.FAILED: "PARTIAL: it may hide something; every run tries again",
    }
    if place.role is Role.INCOME and meaning in (Meaning.FAILED, Meaning.REFUSED):
        return "the hour stands: what it would show stays unexplained until it can be read"
    if meaning is not Meaning.REFUSED:
        return effects[meaning]
    if is_estimate(place, meaning, known):
        return "the hour stands, estimated: nothing shows that it hides anything, and nothing proves that it doesn't"
    return f"the hour stands: refused, and worth {worth} by the exchange's own totals; asked again every day"
