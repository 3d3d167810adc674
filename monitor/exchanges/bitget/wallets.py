"""All wallets of an account, read side by side, each with its own outcome: those of the system that the account is of.

What the unified pool stands for is counted there and nowhere else. While an account is changing from the one system to
the other, the exchange may answer for both: then the pool counts, and what lies beside it is not known.
"""

from asyncio import gather
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial

from finance.observed import AccountReading, Role, WalletReading, WalletState, WalletTotal
from monitor.exchanges.bitget import earn, futures, margin, spot, unified
from monitor.exchanges.bitget.key import System
from monitor.exchanges.bitget.totals import fetch_pool_total, fetch_totals
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.reading import Readings, Wallet, read_totals, read_wallets

CLASSIC = (
    Wallet(name=spot.SPOT, fetch=spot.fetch_spot, total="spot", role=Role.REQUIRED, shows_key=True),
    Wallet(name=spot.FUNDING, fetch=spot.fetch_funding, total="funding", role=Role.REQUIRED),
    *(
        Wallet(name=name, fetch=partial(futures.fetch_futures, wallet=name), total="futures", has_own_right=True)
        for name in futures.PRODUCTS
    ),
    Wallet(name=margin.CROSS, fetch=margin.fetch_cross, total="margin", has_own_right=True),
    Wallet(name=margin.ISOLATED, fetch=margin.fetch_isolated, total="margin", has_own_right=True),
    Wallet(name=earn.EARN, fetch=earn.fetch_earn, total="earn", has_own_right=True),
    Wallet(name=earn.SPOT_BOTS, fetch=earn.fetch_spot_bots, total="bots", has_own_right=True),
    Wallet(name=earn.FUTURES_BOTS, fetch=earn.fetch_futures_bots, total="bots", has_own_right=True),
    Wallet(name=earn.LOANS, fetch=earn.fetch_loans, has_own_right=True),
)
UNIFIED = (
    Wallet(name=unified.POOL, fetch=unified.fetch_pool, role=Role.REQUIRED, shows_key=True),
    Wallet(name=spot.FUNDING, fetch=spot.fetch_unified_funding, role=Role.REQUIRED),
    Wallet(name=earn.EARN, fetch=earn.fetch_earn, has_own_right=True),
    Wallet(name=earn.ELITE, fetch=earn.fetch_elite, has_own_right=True),
    Wallet(name=earn.SPOT_BOTS, fetch=earn.fetch_spot_bots, has_own_right=True),
    Wallet(name=earn.FUTURES_BOTS, fetch=earn.fetch_futures_bots, has_own_right=True),
    Wallet(name=earn.LOANS, fetch=earn.fetch_unified_loans, has_own_right=True),
)
ALWAYS_READ = (spot.SPOT, spot.FUNDING, unified.POOL)  # where money from outside arrives
HUBS = {unified.POOL: replace(UNIFIED[0], fetch=unified.fetch_balances)}  # what moves there shows without positions
OF_SYSTEM = {System.CLASSIC: CLASSIC, System.UNIFIED: UNIFIED, System.CHANGING: UNIFIED}
NAMES = tuple(dict.fromkeys(wallet.name for wallet in (*CLASSIC, *UNIFIED)))
CHANGING = (
    "Reading the wallets: the account is changing from one account system to the other, and what lies in the wallets of "
    "the old one can't be known meanwhile. The next runs read it again; nothing has to be done."
)


async def fetch_wallets(
    connection: Connection, system: System, idle: Collection[str], known: Collection[WalletReading]
) -> AccountReading:
    """Every wallet of the account, of the `idle` ones only those that may hold something again; those that are `known`
    as they are, but for the pool, which was read without its positions.

    Raises ExchangePaused on a ban, KeyRejected if the key is rejected by the first wallet, which every key may read.
    """
    hubs = {one.wallet: one for one in known if one.wallet != unified.POOL or one.state is WalletState.FAILED}
    chosen = OF_SYSTEM[system]
    if system is not System.CLASSIC:
        reading, readings = await gather(
            read_totals(fetch_pool_total(connection)),
            read_wallets(connection, [w for w in chosen if w.name not in hubs]),
        )
        return replace(reading, wallets=_in_order(hubs | readings, system), has_totals=False)
    at_once = [w for w in chosen if w.name not in hubs and (w.name not in idle or w.name in ALWAYS_READ)]
    reading, readings = await gather(read_totals(fetch_totals(connection)), read_wallets(connection, at_once))
    readings |= hubs
    awake = [w for w in chosen if w.name not in readings and _may_hold(w, reading.totals)]
    readings |= await read_wallets(connection, awake)
    return replace(reading, wallets=_in_order(readings, system))


async def fetch_hubs(connection: Connection, system: System) -> tuple[WalletReading, ...]:
    """The wallets that everything moves through. Raises as `fetch_wallets` does."""
    hubs = [HUBS.get(wallet.name, wallet) for wallet in OF_SYSTEM[system] if wallet.name in ALWAYS_READ]
    readings = await read_wallets(connection, hubs)
    return tuple(readings[hub.name] for hub in hubs)


def _may_hold(wallet: Wallet, totals: Iterable[WalletTotal]) -> bool:
    """Whether an idle wallet must be read all the same: only a total of zero says no."""
    worth = {one.name: one.value for one in totals}
    return worth.get(wallet.total) != 0


def _in_order(readings: Readings, system: System) -> tuple[WalletReading, ...]:
    """The readings in the order of NAMES, with those that were skipped, and those that the other system has."""
    own = [wallet.name for wallet in OF_SYSTEM[system]]
    return tuple(
        readings.get(name, WalletReading(wallet=name, state=WalletState.SKIPPED))
        if name in own
        else _of_other_system(name, system)
        for name in NAMES
    )


def _of_other_system(name: str, system: System) -> WalletReading:
    if system is System.CHANGING and name == spot.SPOT:
        return WalletReading(wallet=name, state=WalletState.FAILED, role=Role.REQUIRED, problem=CHANGING)
    problem = "the classic account system has none" if system is System.CLASSIC else "counted in the unified account"
    return WalletReading(wallet=name, state=WalletState.READ, problem=problem)
