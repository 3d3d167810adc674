"""All wallets of an account, read side by side, each with its own outcome; which of them there are, its mode says.

In the unified modes spot and what has no margin of its own are parts of the pool and count there. The mode is asked just
before every reading, so a switch is seen at once, and nobody's money twice or not at all.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial

from finance.observed import AccountReading, Balance, Position, Role, WalletReading, WalletState, WalletTotal, add_up
from monitor.errors import ExchangeError, ExchangePaused, KeyRejected, WalletNotOpened
from monitor.exchanges.gate import earn, endpoints, futures, margin, positions, spot, totals, unified
from monitor.exchanges.gate.pages import fetch_numbered
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.reading import Readings, Wallet, read_one, read_totals, read_wallets

Found = tuple[Balance | Position, ...]
Fetch = Callable[[Connection], Awaitable[Found]]
EARN_PAGE = 100
READING_MODE = "Reading the mode of the account"
IN_POOL = "part of the unified account, counted there"
NO_POOL = "none: the account is a classic one"
CONTRACTS = (
    futures.USDT_FUTURES,
    futures.BTC_FUTURES,
    futures.DELIVERY,
    futures.OPTIONS,
)  # which a unified account may hold in its pool
LOAN_KINDS = ("current", "fixed")


async def fetch_mode(connection: Connection) -> str:
    """In which of the modes the account is; one that never heard of them is classic."""
    try:
        return await connection.call(endpoints.MODE, READING_MODE, unified.read_mode)
    except WalletNotOpened:
        return unified.CLASSIC


async def _fetch_spot(connection: Connection) -> Found:
    return await connection.call(endpoints.SPOT_ACCOUNTS, "Reading the spot wallet", spot.read_accounts)


async def _fetch_isolated(connection: Connection) -> Found:
    return await connection.call(endpoints.ISOLATED_ACCOUNTS, "Reading isolated margin", margin.read_isolated)


async def _fetch_cross(connection: Connection) -> Found:
    return await connection.call(endpoints.CROSS_ACCOUNTS, "Reading cross margin", margin.read_cross)


def _add_up(rows: Iterable[earn.Held]) -> Found:
    return add_up(balance for row in rows for balance in row)


def _earning(endpoint: Endpoint, what: str, read: Callable[[object], list[earn.Held]]) -> Fetch:
    async def fetch(connection: Connection) -> Found:
        return _add_up(await fetch_numbered(connection, endpoint, f"Reading {what}", read, EARN_PAGE))

    return fetch


async def _fetch_staked(connection: Connection) -> Found:
    return _add_up(await connection.call(endpoints.STAKED, "Reading what is staked", earn.read_staking))


async def _fetch_loans(connection: Connection) -> Found:
    doing = "Reading loans"
    found = await fetch_numbered(connection, endpoints.LOAN_ORDERS, doing, earn.read_loans, EARN_PAGE)
    for kind in LOAN_KINDS:
        asked = (connection, endpoints.MULTI_LOAN_ORDERS, doing, earn.read_multi_loans, EARN_PAGE)
        found += await fetch_numbered(*asked, order_type=kind)
    return _add_up(found)


_optional = partial(Wallet, has_own_right=True)  # a key may work everywhere but there


def _contracts(name: str) -> Wallet:
    return _optional(name=name, fetch=partial(positions.fetch_whole, wallet=name))


SPOT = Wallet(name=spot.SPOT, fetch=_fetch_spot, role=Role.REQUIRED, shows_key=True)
CROSS = _optional(name=margin.CROSS, fetch=_fetch_cross)
EVERYWHERE = (
    _optional(name=margin.ISOLATED, fetch=_fetch_isolated),
    _optional(name=earn.LENDING, fetch=_earning(endpoints.LENDS, "what is lent", earn.read_lending)),
    _optional(name=earn.DUAL, fetch=_earning(endpoints.DUAL_ORDERS, "dual investments", earn.read_dual)),
    _optional(
        name=earn.STRUCTURED,
        fetch=_earning(endpoints.STRUCTURED_ORDERS, "structured products", earn.read_structured),
    ),
    _optional(name=earn.STAKING, fetch=_fetch_staked),
    _optional(name=earn.LOANS, fetch=_fetch_loans),
)
CLASSIC = (SPOT, CROSS, *map(_contracts, CONTRACTS), *EVERYWHERE)
ORDER = (spot.SPOT, unified.UNIFIED, *(wallet.name for wallet in (CROSS, *map(_contracts, CONTRACTS), *EVERYWHERE)))


async def fetch_wallets(
    connection: Connection, idle: Collection[str], known: Collection[WalletReading], mode: str = ""
) -> AccountReading:
    """Every wallet of an account in `mode`, which is asked for where it is empty. Of the `idle` ones only those that may
    hold something again; those that are `known` as they are.

    In a unified account what was read of spot are coins of the pool, which counts them: only its failure is known.

    Raises ExchangePaused on a ban, KeyRejected if the key is rejected.
    """
    try:
        mode = mode or await fetch_mode(connection)
    except (ExchangePaused, KeyRejected):
        raise
    except ExchangeError as failure:
        unread = WalletReading(wallet=spot.SPOT, state=WalletState.FAILED, role=Role.REQUIRED, problem=str(failure))
        return AccountReading(wallets=(unread,), problem=str(failure))
    reading = await read_totals(_fetch_totals(connection, mode))
    asleep = {name for name in idle if _is_worth_nothing(name, reading.totals)}
    if mode == unified.CLASSIC:
        hubs = {one.wallet: one for one in known}
        readings = await _read_all(connection, CLASSIC, hubs, asleep)
        readings |= {unified.UNIFIED: WalletReading(wallet=unified.UNIFIED, state=WalletState.READ, problem=NO_POOL)}
    else:
        hubs = {one.wallet: one for one in known if one.state is WalletState.FAILED}
        others, pooled = await gather(
            _read_all(connection, EVERYWHERE, hubs, asleep), _read_pool(connection, hubs, asleep)
        )
        readings = others | pooled
    return replace(reading, wallets=tuple(readings[name] for name in ORDER))


async def fetch_hubs(connection: Connection) -> tuple[WalletReading, ...]:
    """Spot, through which everything moves: in a unified account these are the coins of the pool, without open profit."""
    return (await read_one(SPOT, connection),)


async def _fetch_totals(connection: Connection, mode: str) -> tuple[WalletTotal, ...]:
    read = partial(totals.read_totals, mode=mode)
    return await connection.call(endpoints.TOTALS, "Reading the exchange's own totals", read, currency=totals.CURRENCY)


def _is_worth_nothing(wallet: str, found: Iterable[WalletTotal]) -> bool:
    """Whether a total says so; a loan is in none, and new ones are to be seen at once."""
    covering = [total for total in found if wallet in total.wallets]
    return bool(covering) and not any(total.value for total in covering)


async def _read_all(
    connection: Connection, wallets: Iterable[Wallet], known: Mapping[str, WalletReading], asleep: Collection[str]
) -> Readings:
    asked = [w for w in wallets if w.name not in known and (w.name not in asleep or w.role is Role.REQUIRED)]
    found = await read_wallets(connection, asked)
    skipped = {w.name: WalletReading(wallet=w.name, state=WalletState.SKIPPED) for w in wallets}
    return skipped | found | {w.name: known[w.name] for w in wallets if w.name in known}


async def _read_pool(connection: Connection, known: Mapping[str, WalletReading], asleep: Collection[str]) -> Readings:
    """The pool of a unified account with what is open in it, and the wallets that are parts of it."""
    awake = [name for name in CONTRACTS if name not in asleep]
    found = await gather(*(_read_contracts(connection, name) for name in awake))
    inside = [reading.wallet for reading, is_inside in found if is_inside]
    pool = Wallet(name=unified.UNIFIED, fetch=partial(_fetch_pool, inside=inside), role=Role.REQUIRED, shows_key=True)
    readings = {reading.wallet: reading for reading, _ in found}
    skipped = {name: WalletReading(wallet=name, state=WalletState.SKIPPED) for name in CONTRACTS}
    parts = {name: _as_part(name) for name in (spot.SPOT, margin.CROSS)}
    return skipped | readings | parts | {unified.UNIFIED: await read_one(pool, connection)} | dict(known)


def _as_part(wallet: str) -> WalletReading:
    return WalletReading(wallet=wallet, state=WalletState.READ, problem=IN_POOL)


async def _read_contracts(connection: Connection, name: str) -> tuple[WalletReading, bool]:
    """A wallet of contracts, and whether it is a part of the pool."""
    accounts: list[futures.ContractAccount] = []

    async def fetch(connection: Connection) -> Found:
        account = await positions.fetch_account(connection, name)
        accounts.append(account)
        own = account.has_own_margin
        return (*account.balances, *await positions.fetch_positions(connection, name)) if own else ()

    reading = await read_one(_optional(name=name, fetch=fetch), connection)
    is_inside = any(not account.has_own_margin for account in accounts)
    return (_as_part(name) if is_inside else reading), is_inside


async def _fetch_pool(connection: Connection, inside: Collection[str]) -> Found:
    opened = [one for name in inside for one in await positions.fetch_positions(connection, name)]
    read = partial(unified.read_accounts, unrealised=positions.add_unrealised(opened))
    balances = await connection.call(endpoints.UNIFIED_ACCOUNTS, "Reading the unified account", read)
    return (*balances, *opened)
