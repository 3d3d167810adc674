"""What goes wrong in a year of four accounts, one thing at a time, and the year with all of it in."""

from collections.abc import Callable, Sequence

from tests.soak.year_story import CALM, DAY, FEES, FIRST, Writer, Year

Incident = Callable[[Writer, int], None]


def write_year(seed: int, days: int) -> Year:
    """The same for the same seed: a life, and in each twelfth of it one thing that goes wrong."""
    return write(Writer(seed, days), INCIDENTS)


def write(writer: Writer, incidents: Sequence[Incident]) -> Year:
    """A life with so many things that go wrong in it, evenly spread."""
    days = writer.year.days
    starts = {(number + 1) * days // (len(incidents) + 1): one for number, one in enumerate(incidents)}
    quiet = {day + n for day, one in starts.items() for n in range(QUIET.get(one, 1))}
    writer.live_days(quiet)
    year = writer.year
    year.live = {hour for hour in year.live if FIRST < hour < year.hours}
    writer.befall(FIRST, "begin")
    for day, incident in starts.items():
        incident(writer, day * DAY)
    year.live |= set(range(year.hours - CALM, year.hours))
    return year


def without_transaction(writer: Writer, at: int) -> None:
    """A transfer of which neither end names a transaction: found by asset, amount and time."""
    writer.say("one", writer.draw_minute(at + 9), "send 1.2345 ETH to three fee 0.001 arriving after 31m tx none")
    writer.year.live |= {at + 10, at + 11}


def outage(writer: Writer, at: int) -> None:
    """Gate is down for three hours, Bitget for one."""
    for hour in (8, 9, 10):
        writer.befall(at + hour, "down gate" if hour < 10 else "down gate bitget")
    writer.befall(at + 11, "up")
    writer.say("three", writer.draw_minute(at + 8), "deposit 321.09 USDT")
    writer.say("two", writer.draw_minute(at + 9), "buy 0.0017 BTCUSDT")


def ambiguous(writer: Writer, at: int) -> None:
    """Two withdrawals of one amount, one of which came to another account: nobody but the owner knows which."""
    writer.say("one", writer.draw_minute(at + 8), "withdraw 1.5005 ETH fee 0.001 tx none")
    writer.say("one", writer.draw_minute(at + 9, 6), "send 1.5005 ETH to two fee 0.001 arriving after 6m tx none")
    writer.year.live |= {at + 9, at + 10}
    writer.befall(at + 20, "match")


def ban(writer: Writer, at: int) -> None:
    """Binance bans the address for two hours, MEXC throttles it for one."""
    writer.befall(at + 6, "ban binance")
    writer.befall(at + 7, "nothing")
    writer.befall(at + 8, "throttle mexc")
    writer.befall(at + 10, "nothing")
    writer.say("one", writer.draw_minute(at + 6), "deposit 222.2 USDT")


def over_midnight(writer: Writer, at: int) -> None:
    """Money that leaves on one day and arrives on the next."""
    for giver, taker, sent in (("two", "one", "0.11 BTC"), ("four", "three", "950.5 USDT")):
        fee = FEES[sent.split()[1]]
        minute = writer.draw_minute(at + 23, 2 * 60)
        writer.say(giver, minute, f"send {sent} to {taker} fee {fee} arriving after 2h")
    writer.year.live |= {at + 23, at + 24, at + 25, at + 26}


def expired_key(writer: Writer, at: int) -> None:
    """MEXC's key ends; it is renewed a day and a half later. What happened meanwhile is found."""
    writer.say("four", writer.draw_minute(at + 3), "revoke")
    for hour, verb in ((4, "deposit 150.5 USDT"), (12, "buy 0.03 ETHUSDT"), (20, "withdraw 60 USDT fee 1")):
        writer.say("four", writer.draw_minute(at + hour), verb)
    writer.befall(at + 4, "expired")
    writer.year.live |= {at + 13}
    writer.befall(at + 36, "renew")


def unmatched(writer: Writer, at: int) -> None:
    """A withdrawal that names no transaction and comes to nobody we know, and a deposit from somewhere else."""
    writer.say("three", writer.draw_minute(at + 5), "withdraw 0.777 ETH fee 0.001 tx none")
    writer.say("one", writer.draw_minute(at + 7), "deposit 0.333 ETH tx none")
    writer.year.live |= {at + 6, at + 8}


def unseen(writer: Writer, at: int) -> None:
    """MEXC pays something that none of its histories has."""
    minute = writer.draw_minute(at + 5)
    writer.say("four", minute, "airdrop 3.21 USDT")
    writer.year.unseen.append((minute, "3.21"))
    writer.year.live |= {at + 5, at + 6}


def switch(writer: Writer, at: int) -> None:
    """Bitget's account becomes one of the other system."""
    was_unified = " unified " in writer.year.lines["two"][0]
    writer.say("two", writer.draw_minute(at + 5), "unify off" if was_unified else "unify")
    writer.year.live |= {at + 5}
    writer.befall(at + 6, "reconnect")


def asleep(writer: Writer, at: int) -> None:
    """Nobody reads for longer than a run rebuilds by itself; then the owner asks for it."""
    writer.say("one", writer.draw_minute(at + 30), "send 0.07 BTC to two fee 0.0001 arriving after 41m")
    writer.say("four", writer.draw_minute(at + 33), "buy 0.002 BTCUSDT")
    writer.year.live -= set(range(at, at + 80))
    writer.befall(at + 80, "backfill")


def late_fills(writer: Writer, at: int) -> None:
    """For three hours Binance answers everything but what was traded."""
    for hour in (5, 6, 7):
        writer.befall(at + hour, "conceal /api/v3/myTrades")
        writer.say("one", writer.draw_minute(at + hour - 1), "buy 0.0023 BTCUSDT")
    writer.befall(at + 8, "up")


INCIDENTS: tuple[Incident, ...] = (without_transaction, outage, ambiguous, ban, over_midnight, expired_key, unmatched,
                                   unseen, asleep, switch)  # fmt: skip
QUIET: dict[Incident, int] = {
    expired_key: 2,
    asleep: 4,
}  # days on which nothing else happens; one where it is not named
