"""What is asked about a key and its account beside wallets and histories: permissions, number, samples for a check.

Anything that is not known to be harmless is a dangerous permission. A check asks for positions as well, which a reading
does only while some are open, to see what is answered."""

from datetime import datetime

from monitor.exchanges.adapters import ask_each
from monitor.exchanges.binance import futures, options
from monitor.exchanges.contract import Pair, Permissions, Samples
from monitor.exchanges.http.capture import POSITIONS
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, an_object, moment, text

RESTRICTIONS = Endpoint(family="sapi", path="account/apiRestrictions", weight=1, bucket="sapi apiRestrictions")
ACCOUNT = Endpoint(family="private", path="account", weight=20, bucket="api")
HARMLESS = ("enableReading", "enableFixReadOnly")
PREFIXES = ("enable", "permits")
POSITIONS_OF = (
    (futures.USD_M, futures.USD_M_POSITIONS),
    (futures.COIN_M, futures.COIN_M_POSITIONS),
    (futures.PORTFOLIO, futures.PORTFOLIO_USD_M_POSITIONS),
    (futures.PORTFOLIO, futures.PORTFOLIO_COIN_M_POSITIONS),
    (options.WALLET, options.POSITIONS),
)

SAMPLES = Samples(
    pair=Pair(symbol="BTCUSDT", base="BTC", quote="USDT"),
    contracts=("BTCUSDT", "BTCUSD_PERP"),
    contract_wallets=(futures.USD_M, futures.PORTFOLIO),
)


async def fetch_permissions(connection: Connection) -> Permissions:
    """The key's permissions; flags nobody knows count as dangerous when they are on."""
    return await connection.call(RESTRICTIONS, "Reading the key's permissions", _read_restrictions)


def _read_restrictions(answer: object) -> Permissions:
    row = an_object(answer, "enableReading", "ipRestrict", "enableWithdrawals")
    flags = {name: value for name, value in row.items() if name.startswith(PREFIXES)}
    if not all(isinstance(value, bool) for value in (*flags.values(), row["ipRestrict"])):
        raise Malformed("a permission is neither true nor false")
    return Permissions(
        may_read=row["enableReading"],
        dangerous=tuple(name for name, on in sorted(flags.items()) if on and name not in HARMLESS),
        ip_restricted=row["ipRestrict"],
        expires_at=_read_expiry(row),
    )


def _read_expiry(row: Row) -> datetime | None:
    try:
        return moment(row, "tradingAuthorityExpirationTime")
    except Malformed:
        return None  # no reason to refuse a key that is fine otherwise


async def fetch_uid(connection: Connection) -> str:
    """The exchange's number of the account."""
    return await connection.call(
        ACCOUNT,
        "Reading the account's number",
        lambda answer: text(an_object(answer, "uid"), "uid"),
        omitZeroBalances="true",
    )


async def ask_for_positions(connection: Connection) -> None:
    """Ask for the positions of every wallet that may have some, whatever is answered. Raises ExchangePaused on a ban."""
    await ask_each(
        (wallet, connection.call(endpoint, f"Reading {POSITIONS}{wallet}", a_list)) for wallet, endpoint in POSITIONS_OF
    )
