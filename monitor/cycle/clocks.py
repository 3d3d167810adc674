"""Whether this machine's clock may name an hour: the exchange's clock decides, before anything is read or recorded."""

from datetime import datetime, timedelta

from monitor.accounts.client import ExchangeClient
from monitor.database.runs import end_false_pauses, load_pauses, record_pause
from monitor.errors import LARGEST_SKEW, ClockWrong, ExchangeError, ExchangePaused
from monitor.performance.store.history import has_hour
from sql.rows import Db

HOUR = timedelta(hours=1)


async def check_clock(db: Db, client: ExchangeClient, hour: datetime, now: datetime) -> None:
    """Raise ClockWrong unless the account's `hour` may be recorded at `now`.

    While the exchange does not answer its time, an hour is believed only if it goes on where the last one ended: so an
    exchange that is away is recorded hour by hour, and no gap is filled that our clock alone vouches for.
    """
    try:
        if pause := load_pauses(db, now).get(client.exchange):
            raise pause
        compare_clocks(await client.market.fetch_server_time(), now)
        end_false_pauses(db, now)
    except ExchangeError as failure:
        if isinstance(failure, ExchangePaused):
            record_pause(db, client.exchange, failure)
        if has_hour(db, hour) or has_hour(db, hour - HOUR):
            return
        said = (
            f"Comparing clocks: the exchange does not answer its time, and no hour before {hour:%Y-%m-%d %H:%M} UTC is "
            f"recorded. So this one is left open until the exchange's clock confirms this machine's. {failure}"
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
