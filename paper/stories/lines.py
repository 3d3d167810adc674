"""Stories: the lives of accounts in plain text, one event a line, `TIME VERB ...`; # begins a comment.

TIME    an ISO time (2026-01-31T08:00Z), or relative to the start (+3d, +3d04:15, +90m),
        or `every day HH:MM`, `every hour :MM` for something that goes on for ever
VERB    account NAME [on EXCHANGE [SYSTEM]] key KEY secret SECRET [passphrase WORD]
                                                     the account the following lines are about: on binance, or bitget
                                                     [classic|unified|hybrid], gate [classic|single_currency|multi_currency|
                                                     portfolio], mexc; bitget's keys have a passphrase
        deposit AMOUNT ASSET [credited after 40m] [shown after 6h]      both: [told AMOUNT until 2h | told AMOUNT from 2h]
                                                     shows another amount; [announced yes]: its end before it has come;
                                                     [tx ID | tx none] the transaction's id that histories show
        withdraw AMOUNT ASSET fee FEE [completed after 20m | cancelled after 20m | rejected after 20m]
        send AMOUNT ASSET to ACCOUNT [fee FEE] [arriving after 3h] [tx none]   a withdrawal that is another account's
                                                     deposit, with one transaction, on whatever exchange either is
        fees inside | fees on_top                    the history of withdrawals shows amounts with the fee in them, or
                                                     without; else as its exchange does
        buy QUANTITY SYMBOL | buy for AMOUNT SYMBOL  at the minute's price, 0.1 % commission in what is received
        sell QUANTITY SYMBOL                         both: [on cross_margin | on isolated_margin]; of what is free
                                                     `all` or `40%` is sold
        limit buy|sell QUANTITY SYMBOL at PRICE [on cross_margin | on isolated_margin, at Bitget]
                                                     an order that waits, with what it needs locked; PRICE is an
                                                     amount, or `+4%` or `-2%` of what it is now
        stop buy|sell QUANTITY SYMBOL at PRICE       one at the market's price, from when it has reached PRICE on
        oco sell QUANTITY SYMBOL at PRICE stop PRICE both, of which one ends the other; all three: [by itself] the market
                                                     fills it when it reaches its price
        fill [QUANTITY] SYMBOL | cancel SYMBOL       the oldest one that waits is filled at its own price, wholly or in
                                                     part, or cancelled
        convert AMOUNT ASSET to ASSET | dust ASSET ...                   the latter all of it, to BNB
        bnbfees on | bnbfees off                     commissions of trades in BNB, at 0.075 %; gtfees: in GT, on gate
        transfer AMOUNT ASSET from WALLET to WALLET  spot, funding, earn_flexible, earn_locked, onchain_yields,
                                                     futures, coin_m, cross_margin, isolated_margin, options, bots
        borrow AMOUNT ASSET [on WALLET] | repay AMOUNT ASSET [on WALLET] | charge AMOUNT ASSET [on WALLET]
                                                     cross_margin, isolated_margin, loans; charge is interest
        unify [SYSTEM] | unify off                   portfolio margin: cross margin and futures are one; or the unified
                                                     account of another exchange
        lock AMOUNT ASSET | unlock AMOUNT ASSET      as by an open order
        fiat deposit|withdraw AMOUNT ASSET [fee FEE] [completed|failed|refunded|expired after 1h] [shown after 2h]
        card buy|sell AMOUNT ASSET for AMOUNT FIAT [fee FEE] [as cash]   paid by a bank, or from the account's fiat
        p2p buy|sell AMOUNT ASSET [fee FEE] [completed|cancelled after 20m]      the commission is in the coin
        pay send|receive AMOUNT ASSET [fee FEE] [as PAY|C2C|CRYPTO_BOX|card]
        belongs to ACCOUNT | hand AMOUNT ASSET to ACCOUNT                a sub-account, and transfers in its family
        interest PERCENT ASSET                       a year's percentage, paid for one day on flexible Earn
        reward AMOUNT ASSET flexible|locked|onchain|soft|boost [BONUS|REWARDS]                  to the spot wallet
        dual AMOUNT ASSET into ASSET at STRIKE apr PERCENT for 4d        Dual Investment, settled by itself
        dividend AMOUNT ASSET | rebate AMOUNT ASSET                      listed by the exchange, unlike an airdrop
        funding pay|receive AMOUNT ASSET SYMBOL      between longs and shorts of USD-M futures
        airdrop AMOUNT ASSET | vanish AMOUNT ASSET   from and to nowhere an API shows
        long QUANTITY SYMBOL | short QUANTITY SYMBOL | close [QUANTITY] SYMBOL [long|short]
                                                     USD-M futures; BTCUSD_PERP: COIN-M; one against the other is net
        liquidate [QUANTITY] SYMBOL [long|short] [fee FEE]                  closed by the exchange
        deleverage [QUANTITY] SYMBOL [long|short] | deliver SYMBOL [long|short]                       the same, by ADL; at its end
        await long|short QUANTITY SYMBOL at PRICE    an order of a contract that waits; trigger …: one that a price triggers; until
        trail long|short QUANTITY SYMBOL by PERCENT  triggered once the price goes back so far (Bitget, MEXC); until
        reach SYMBOL | drop SYMBOL                   the oldest is traded, or cancelled
        order QUANTITY SYMBOL | order cancel SYMBOL  what is traded of a contract from then on are parts of one order
        hedge on | hedge off                         a contract may be held long and short at once
        option buy|sell QUANTITY SYMBOL at PRICE [fee FEE] | option mark|settle SYMBOL at PRICE          in USDT
        permit FLAG | forbid FLAG | revoke | restore                     the key's permissions
        ed25519 KEY PUBLIC                           another key of the account, on binance: requests are signed with its
                                                     private half; PUBLIC is the middle line of its PEM file
        list SYMBOL | delist SYMBOL | announce SYMBOL
                                                     a pair trades, trades no more, never traded yet; or: everything
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

RELATIVE = re.compile(r"\+(?:(\d+)d)?(?:(\d{1,2}):(\d{2}))?(?:(\d+)m)?")
DURATION = re.compile(r"(\d+)(s|m|h|d)")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class StoryFault(ValueError):
    """A line that can't be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A verb with its words, at a time, maybe again and again."""

    number: int
    at: datetime
    every: timedelta | None
    words: tuple[str, ...]
    account: str = ""  # whom it is about


def read_story(path: Path, start: datetime) -> tuple[Line, ...]:
    """The lines of a story that begins at `start`. Raises StoryFault naming file and line."""
    return parse_story(path.read_text(encoding="utf-8"), start, path.name)


def parse_story(text: str, start: datetime, name: str = "story") -> tuple[Line, ...]:
    """The lines of a story's text."""
    return tuple(_parse_lines(text, start, name))


def _parse_lines(text: str, start: datetime, name: str) -> Iterator[Line]:
    account = ""
    for number, raw in enumerate(text.splitlines(), 1):
        words = raw.split("#")[0].split()
        if not words:
            continue
        try:
            line = parse_line(words, start, number)
            account = line.words[1] if line.words[:1] == ("account",) and len(line.words) > 1 else account
            yield replace(line, account=account)
        except (StoryFault, ValueError) as fault:
            raise StoryFault(f"{name}, line {number}: {fault}") from None


def parse_line(words: list[str], start: datetime, number: int = 0) -> Line:
    """One line's words as an event."""
    if words[0] == "every":
        every, at = _parse_every(words[1:3], start)
        return Line(number=number, at=at, every=every, words=tuple(words[3:]))
    return Line(number=number, at=_parse_time(words[0], start), every=None, words=tuple(words[1:]))


def _parse_every(words: list[str], start: datetime) -> tuple[timedelta, datetime]:
    match words:
        case ["day", clock] if re.fullmatch(r"\d{2}:\d{2}", clock):
            hour, minute = map(int, clock.split(":"))
            at, every = start.replace(hour=hour, minute=minute, second=0, microsecond=0), timedelta(days=1)
        case ["hour", clock] if re.fullmatch(r":\d{2}", clock):
            at, every = start.replace(minute=int(clock[1:]), second=0, microsecond=0), timedelta(hours=1)
        case _:
            raise StoryFault(f"'every {' '.join(words)}' is neither 'every day HH:MM' nor 'every hour :MM'")
    return every, at if at >= start else at + every


def _parse_time(word: str, start: datetime) -> datetime:
    if found := RELATIVE.fullmatch(word):
        days, hours, minutes, only = (int(part or 0) for part in found.groups())
        return start + timedelta(days=days, hours=hours, minutes=minutes + only)
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        raise StoryFault(f"'{word}' is not a time like 2026-01-31T08:00Z or +3d04:15") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def parse_duration(word: str) -> timedelta:
    """A duration like 40m, 6h or 2d."""
    found = DURATION.fullmatch(word)
    if not found:
        raise StoryFault(f"'{word}' is not a duration like 40m")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
