"""All wallets of an account, read side by side, each with its own outcome."""

from asyncio import gather
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from unicodedata import normalize

from finance.decimals import exact
from finance.decimals import total as add
from finance.observed import AccountReading, Role, WalletReading, WalletState, WalletTotal
from monitor.exchanges.binance import dual_investment, earn, futures, margin, options, spot
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, refuse_duplicates, text
from monitor.exchanges.reading import Readings, Wallet, read_totals, read_wallets

BALANCES = Endpoint(family="sapi", path="asset/wallet/balance", weight=60, bucket="sapi wallet totals")
QUOTE = "USDT"


WALLETS = (
    Wallet(name=spot.SPOT, fetch=spot.fetch_spot, total="Spot", role=Role.REQUIRED, shows_key=True),
    Wallet(name=spot.FUNDING, fetch=spot.fetch_funding, total="Funding", role=Role.REQUIRED),
    Wallet(name=earn.FLEXIBLE, fetch=earn.fetch_flexible, total="Earn"),
    Wallet(name=earn.LOCKED, fetch=earn.fetch_locked, total="Earn"),
    Wallet(name=earn.ONCHAIN, fetch=earn.fetch_onchain, total="Earn"),
    Wallet(name=dual_investment.WALLET, fetch=dual_investment.fetch_invested, total="Earn"),
    Wallet(name=margin.CROSS, fetch=margin.fetch_cross, total="Cross Margin"),
    Wallet(name=margin.ISOLATED, fetch=margin.fetch_isolated, total="Isolated Margin"),
    Wallet(name=futures.USD_M, fetch=futures.fetch_usd_m, total="USDS-M Futures", has_own_right=True),
    Wallet(name=futures.COIN_M, fetch=futures.fetch_coin_m, total="COIN-M Futures", has_own_right=True),
    Wallet(name=futures.PORTFOLIO, fetch=futures.fetch_portfolio, has_own_right=True),
    Wallet(name=options.WALLET, fetch=options.fetch_options, total="Options", has_own_right=True),
    Wallet(name=margin.LOANS, fetch=margin.fetch_loans),
)
REPLACED = [w.total for w in WALLETS if w.name in futures.REPLACED]
NAMES = {
    total: tuple(w.name for w in WALLETS if w.total == total or (w.name == futures.PORTFOLIO and total in REPLACED))
    for total in dict.fromkeys(w.total for w in WALLETS if w.total)
}
ALWAYS_READ = (spot.SPOT, spot.FUNDING)  # cheap, and where money from outside arrives
COUNTED_THERE = WalletReading(wallet="", state=WalletState.READ, problem="part of portfolio margin, counted there")


async def fetch_wallets(
    connection: Connection, idle: Collection[str], known: Collection[WalletReading]
) -> AccountReading:
    """Every wallet, of the `idle` ones only those that may hold something again; those that are `known` as they are.

    Raises ExchangePaused on a ban, KeyRejected if spot rejects the key.
    """
    hubs = {reading.wallet: reading for reading in known}
    at_once = [w for w in WALLETS if w.name not in hubs and (w.name not in idle or w.name in ALWAYS_READ)]
    reading, readings = await gather(
        read_totals(fetch_totals(connection, NAMES, {"Earn": earn.STAKED})), read_wallets(connection, at_once)
    )
    totals = reading.totals
    readings |= hubs
    while awake := [w for w in WALLETS if w.name not in readings and _may_hold(w, totals, readings)]:
        readings |= await read_wallets(connection, awake)  # what is found in one may wake another: a pledge a loan
    readings |= _doubt_loans(readings)
    if replaced := _find_replaced(readings):
        readings |= {name: replace(COUNTED_THERE, wallet=name) for name in replaced}
        totals = merge_totals(totals, replaced, futures.PORTFOLIO)
    return replace(reading, wallets=_in_order(readings), totals=totals)


async def fetch_hubs(connection: Connection) -> tuple[WalletReading, ...]:
    """Spot, with the shadows of Earn, which grow by the minute, and funding. Raises as `fetch_wallets` does."""
    readings = await read_wallets(connection, [w for w in WALLETS if w.name in ALWAYS_READ])
    return (readings[spot.SPOT], readings[spot.FUNDING])


def _may_hold(wallet: Wallet, totals: Sequence[WalletTotal], readings: Readings) -> bool:
    """Whether an idle wallet must be read all the same: only a total of zero, and for a loan no pledge, say no."""
    if not totals:
        return True
    worth = {one.name: one.value for one in totals}
    if wallet.name == futures.PORTFOLIO:
        return any(_may_be_in_portfolio(one, worth, readings) for one in WALLETS)
    if wallet.name == margin.LOANS:
        return _has_pledge(readings)
    return worth.get(wallet.total) != 0


def _may_be_in_portfolio(wallet: Wallet, worth: Mapping[str, Decimal], readings: Readings) -> bool:
    """Whether portfolio margin may have taken a wallet over: it is refused now, or has a worth and was refused before."""
    if wallet.name not in futures.REPLACED:
        return False
    if wallet.name in readings:
        return readings[wallet.name].is_refused
    return worth.get(wallet.total) != 0


def _has_pledge(readings: Readings) -> bool:
    flexible = readings.get(earn.FLEXIBLE)
    return flexible is not None and any(balance.locked for balance in flexible.balances)


def _doubt_loans(readings: Readings) -> Readings:
    """Loans that are refused while something is pledged for one: no total includes the debt, so they have failed."""
    refused = readings.get(margin.LOANS)
    if refused is None or not refused.is_refused or not _has_pledge(readings):
        return {}
    return {margin.LOANS: replace(refused, state=WalletState.FAILED, refusal=None)}


def _find_replaced(readings: Readings) -> tuple[str, ...]:
    """The wallets that portfolio margin stands for; of an empty one only those that the exchange doesn't show."""
    portfolio = readings.get(futures.PORTFOLIO)
    if portfolio is None or portfolio.state is not WalletState.READ:
        return ()
    return tuple(
        name for name in futures.REPLACED if not portfolio.is_empty or (name in readings and readings[name].is_refused)
    )


def _in_order(readings: Readings) -> tuple[WalletReading, ...]:
    """The readings in the order of WALLETS, with those that were skipped, and without Earn's shadows in spot."""
    everything = [readings.get(w.name, WalletReading(wallet=w.name, state=WalletState.SKIPPED)) for w in WALLETS]
    in_spot, flexible = readings[spot.SPOT], readings.get(earn.FLEXIBLE)
    everything[0] = replace(
        in_spot, balances=spot.drop_mirrors(in_spot.balances, flexible.balances if flexible else ())
    )
    return tuple(everything)


async def fetch_totals(
    connection: Connection, covered: Mapping[str, tuple[str, ...]], shown: Mapping[str, tuple[str, ...]]
) -> tuple[WalletTotal, ...]:
    """Every wallet's worth; `covered` are our wallets by Binance's names. One without an entry is none of ours.

    `shown` are coins of other wallets that a total may have in it.
    """
    rows = await connection.call(BALANCES, "Reading the exchange's own totals", _read_rows, quoteAsset=QUOTE)
    return tuple(
        WalletTotal(
            name=name,
            wallets=covered.get(name, ()),
            value=amount(row, "balance", signed=True),
            shown_here=shown.get(name, ()),
        )
        for row in rows
        for name in [_name(row)]
    )


def _read_rows(answer: object) -> list[Row]:
    rows = a_list(answer)
    if not rows:
        raise Malformed("no wallet at all")
    refuse_duplicates((_name(row) for row in rows), "wallet")
    for row in rows:
        amount(row, "balance", signed=True)
    return rows


def _name(row: Row) -> str:
    """Plain letters: Binance writes USD-M with a circled S, others without one."""
    return normalize("NFKC", text(row, "walletName"))[:60].replace("USD-M", "USDS-M")


@exact
def merge_totals(totals: tuple[WalletTotal, ...], replaced: tuple[str, ...], wallet: str) -> tuple[WalletTotal, ...]:
    """`totals`, where those of the `replaced` wallets are one that is covered by `wallet`."""
    merged = [one for one in totals if set(one.wallets) & set(replaced)]
    if not merged:
        return totals
    name, value = " + ".join(one.name for one in merged), add(one.value for one in merged)
    return (*(one for one in totals if one not in merged), WalletTotal(name=name, wallets=(wallet,), value=value))
