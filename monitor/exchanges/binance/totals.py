"""What Binance itself says each wallet is worth: a check on our own figures, and the proof that a wallet is empty."""

from collections.abc import Mapping
from unicodedata import normalize

from finance.decimals import exact
from finance.decimals import total as add
from finance.observed import WalletTotal
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, Row, a_list, amount, refuse_duplicates, text

BALANCES = Endpoint(family="sapi", path="asset/wallet/balance", weight=60, bucket="sapi wallet totals")
QUOTE = "USDT"


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
