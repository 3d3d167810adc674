"""Story verbs for money that comes and goes over the chain, and what the histories show of it that is not so, or not yet."""

from collections.abc import Callable
from datetime import datetime

from paper.histories.accounts import Account, Deposit, Withdrawal
from paper.ledger.balances import HOUSE, OUTSIDE
from paper.stories.lines import Line, StoryFault, parse_duration
from paper.stories.venue import StoryVenue
from paper.stories.words import Words, read_amount, read_options

SHOWN_OPTIONS = ("told", "until", "from", "announced")
ENDS = ("completed", "cancelled", "rejected")


def _deposit(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    amount, asset = read_amount(words[0]), words[1]
    options = read_options(words[2:], "credited", "shown", "tx", *SHOWN_OPTIONS)
    number = f"D{next(venue.numbers):09}"
    deposit = Deposit(
        id=number,
        asset=asset,
        amount=amount,
        inserted_at=at,
        shown_at=at,
        status="pending",
        transaction=_read_transaction(options, number),
    )
    if "shown" in options:
        deposit.shown_at = at + parse_duration(options["shown"])
    account.deposits.append(deposit)
    _plan_amounts(venue, account, deposit, options, at)
    if "credited" in options:
        _later(venue, at, options["credited"], "_credit", account.name, deposit.id)
        _announce_end(deposit, options, at, options["credited"], "credited")
    else:
        _credit(venue, account, (deposit.id,), at)


def _credit(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    deposit = next(d for d in account.deposits if d.id == words[0])
    venue.ledger.move(deposit.asset, deposit.amount, OUTSIDE, (account.name, "spot"))
    deposit.status, deposit.completed_at = "credited", at


def _withdraw(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    amount, asset = read_amount(words[0]), words[1]
    options = read_options(words[2:], "fee", "tx", *ENDS, *SHOWN_OPTIONS)
    fee, number = read_amount(options.get("fee", "0")), f"W{next(venue.numbers):09}"
    withdrawal = Withdrawal(
        id=number,
        asset=asset,
        amount=amount,
        fee=fee,
        applied_at=at,
        status="processing",
        transaction=_read_transaction(options, number),
    )
    venue.ledger.move(asset, amount + fee, (account.name, "spot"), (account.name, "withdrawing"))
    account.withdrawals.append(withdrawal)
    _plan_amounts(venue, account, withdrawal, options, at)
    end = next((name for name in ENDS if name in options), "")
    if end:
        _later(venue, at, options[end], "_end_withdrawal", account.name, withdrawal.id, end)
        _announce_end(withdrawal, options, at, options[end], end)
    else:
        _end_withdrawal(venue, account, (withdrawal.id, "completed"), at)


def _tell_fees(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    if words not in (("inside",), ("on_top",)):
        raise StoryFault("expected: fees inside | fees on_top")
    account.tells_fee_inside = words == ("inside",)


def _send(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    match words:
        case (amount, asset, "to", name, *rest) if name in venue.accounts:
            options = read_options(tuple(rest), "fee", "arriving", "tx")
        case _:
            raise StoryFault(f"expected: send AMOUNT ASSET to ACCOUNT fee FEE, of {', '.join(venue.accounts)}")
    target = venue.accounts[name]
    named = ("tx", options["tx"]) if "tx" in options else ()
    _withdraw(venue, account, (amount, asset, "fee", options.get("fee", "0"), *named), at)
    deposit = Deposit(
        id=f"D{next(venue.numbers):09}",
        asset=asset,
        amount=read_amount(amount),
        inserted_at=at,
        shown_at=at,
        status="pending",
        transaction=account.withdrawals[-1].transaction,
    )
    target.deposits.append(deposit)
    _later(venue, at, options.get("arriving", "0s"), "_credit", target.name, deposit.id)


def _read_transaction(options: dict[str, str], number: str) -> str:
    """The transaction's id that histories show: `tx ID`, or one of its own; with `tx none` they show none."""
    named = options.get("tx", f"tx-{number}")
    return "" if named == "none" else named


def _end_withdrawal(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    withdrawal = next(w for w in account.withdrawals if w.id == words[0])
    place = (account.name, "withdrawing")
    withdrawal.status, withdrawal.completed_at = words[1], at
    if words[1] == "completed":
        venue.ledger.move(withdrawal.asset, withdrawal.amount, place, OUTSIDE)
        venue.ledger.move(withdrawal.asset, withdrawal.fee, place, HOUSE, why="fee")
    else:
        venue.ledger.move(withdrawal.asset, withdrawal.amount + withdrawal.fee, place, (account.name, "spot"))


def _plan_amounts(
    venue: StoryVenue, account: Account, flow: Deposit | Withdrawal, options: dict[str, str], at: datetime
) -> None:
    """Let the history show another amount: `until` it is corrected, or `from` some time on."""
    if "told" not in options:
        return
    amount, name = read_amount(options["told"]), account.name
    if "until" in options:
        flow.shown_amount = amount
        _later(venue, at, options["until"], "_show_amount", name, flow.id)
    else:
        _later(venue, at, options["from"], "_show_amount", name, flow.id, str(amount))


def _show_amount(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    flows: tuple[Deposit | Withdrawal, ...] = (*account.deposits, *account.withdrawals)
    flow = next(flow for flow in flows if flow.id == words[0])
    flow.shown_amount = read_amount(words[1]) if len(words) > 1 else None


def _announce_end(flow: Deposit | Withdrawal, options: dict[str, str], at: datetime, wait: str, status: str) -> None:
    """Let the history show the end before it has come, with its time."""
    if "announced" in options:
        flow.status, flow.completed_at = status, at + parse_duration(wait)


def _later(venue: StoryVenue, at: datetime, duration: str, *words: str) -> None:
    venue.plan(Line(number=0, at=at + parse_duration(duration), every=None, words=words))


CHAIN_VERBS: dict[str, Callable[[StoryVenue, Account, Words, datetime], None]] = {
    "deposit": _deposit,
    "withdraw": _withdraw,
    "send": _send,
    "fees": _tell_fees,
}
CHAIN_ENDS: dict[str, Callable[[StoryVenue, Account, Words, datetime], None]] = {
    "_credit": _credit,
    "_show_amount": _show_amount,
    "_end_withdrawal": _end_withdrawal,
}
