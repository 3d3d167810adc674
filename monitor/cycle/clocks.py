"""Whether this machine's clock may name an hour: the exchanges' clocks decide, before anything is read or recorded."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from finance.moments import HOUR
from monitor.accounts.client import ExchangeClient
from monitor.database.runs import end_false_pauses, load_pauses, note_pause
from monitor.errors import LARGEST_SKEW, ClockWrong, ExchangeError
from monitor.performance.store.history import has_hour
from sql.rows import Db


async def check_clock(db: Db, clients: Sequence[ExchangeClient], hour: datetime, now: datetime) -> None:
    """Raise ClockWrong unless the accounts' `hour` may be recorded at `now`: one exchange's clock has to confirm it, none
    may contradict it.

    While no exchange answers its time, an hour is believed only if it goes on where the last one ended: so an exchange
    that is away is recorded hour by hour, and no gap is filled that our clock alone vouches for.
    """
    pauses = load_pauses(db, now)
    answers = await asyncio.gather(
        *(client.market.fetch_server_time() for client in clients if client.exchange not in pauses),
        return_exceptions=True,
    )
    asked = [client.exchange for client in clients if client.exchange not in pauses]
    failures: list[ExchangeError] = [pauses[client.exchange] for client in clients if client.exchange in pauses]
    for exchange, answer in zip(asked, answers, strict=True):
        if isinstance(answer, datetime):
            compare_clocks(answer, now)
        elif isinstance(answer, ExchangeError):
            failures.append(answer)
            note_pause(db, exchange, answer)
        else:
            raise answer
    if any(isinstance(answer, datetime) for answer in answers):
        end_false_pauses(db, now)
        return
    if has_hour(db, hour) or has_hour(db, hour - HOUR):
        return
    said = (
        f"Comparing clocks: the exchange does not answer its time, and no hour before {hour:%Y-%m-%d %H:%M} UTC is "
        f"recorded. So this one is left open until the exchange's clock confirms this machine's. {failures[0]}"
    )
    raise ClockWrong(said, now=now) from None


def compare_clocks(exchange_time: datetime, now: datetime) -> None:
    """Raise ClockWrong if `now`, our time, is more than five minutes off the exchange's."""
    if abs(exchange_time - now) > LARGEST_SKEW:
        said = (
            f"Comparing clocks: this machine says {now:%Y-%m-%d %H:%M:%S} UTC, the exchange "
            f"{exchange_time:%Y-%m-%d %H:%M:%S} UTC. No hour is recorded until they agree. Correct the machine's clock "
            "(timedatectl, chrony)."
        )
        raise ClockWrong(said, now=exchange_time)
