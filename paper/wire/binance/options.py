"""/eapi: options."""

from datetime import UTC, datetime, timedelta
from typing import Any

from paper.stories.options import ASSET, WALLET, worth
from paper.wire.binance.money import shown_rows, window
from paper.wire.binance.refusals import REJECTED_KEY, missing
from paper.wire.binance.request import Asked, milliseconds, plain, zeros

YEARS, QUARTER = timedelta(days=3650), timedelta(days=90)
BILL_TYPES = {"premium": "CONTRACT", "fee": "FEE", "settlement": "EXERCISE_PNL", "transfer": "TRANSFER"}


def account(asked: Asked) -> Any:
    """GET /eapi/v1/marginAccount: the equity is the balance and what open options are worth."""
    _refuse_others(asked)
    balance, value = asked.venue.ledger.balance((asked.account.name, WALLET), ASSET), worth(asked.account)
    row = {
        "asset": ASSET,
        "marginBalance": plain(balance),
        "equity": plain(balance + value),
        "available": plain(balance),
        "initialMargin": "0",
        "maintMargin": "0",
        "unrealizedPNL": plain(value - sum(p.quantity * p.entry for p in asked.account.options)),
        "adjustedEquity": plain(balance + value),
    }
    may = dict.fromkeys(("canTrade", "canDeposit", "canWithdraw"), True)
    return {
        "asset": [row],
        "greek": [{"underlying": name} | zeros("delta", "gamma", "theta", "vega") for name in _underlyings(asked)],
        "time": milliseconds(asked.now),
        **may,
        "reduceOnly": False,
        "tradeGroupId": -1,
    }


def positions(asked: Asked) -> Any:
    """GET /eapi/v1/position"""
    _refuse_others(asked)
    return [
        {
            "symbol": p.symbol,
            "side": "LONG" if p.quantity > 0 else "SHORT",
            "quantity": plain(p.quantity),
            "entryPrice": plain(p.entry),
            "markPrice": plain(p.mark),
            "markValue": plain(abs(p.quantity) * p.mark),
            "unrealizedPNL": plain(p.quantity * (p.mark - p.entry)),
            "quoteAsset": ASSET,
            **_terms(p.symbol),
            "priceScale": 2,
            "quantityScale": 2,
            "time": milliseconds(asked.now),
            **zeros("bidQuantity", "askQuantity"),
        }
        for p in asked.account.options
    ]


def _terms(symbol: str) -> dict[str, Any]:
    """What a symbol like BTC-260626-80000-C says."""
    _, day, strike, kind = symbol.split("-")
    expiry = datetime.strptime(day, "%y%m%d").replace(hour=8, tzinfo=UTC)
    sides = {"C": "CALL", "P": "PUT"}
    return {"strikePrice": strike, "expiryDate": milliseconds(expiry), "optionSide": sides[kind]}


def _underlyings(asked: Asked) -> list[str]:
    return sorted({f"{position.symbol.partition('-')[0]}{ASSET}" for position in asked.account.options})


def bill(asked: Asked) -> Any:
    """GET /eapi/v1/bill: the newest, 100 by default, 1000 at most, and no pages."""
    _refuse_others(asked)
    if asked.text("currency") != ASSET:
        raise missing("currency")
    items = [
        {
            "id": int(row.id),
            "asset": row.asset,
            "amount": plain(row.amount),
            "type": BILL_TYPES.get(row.extra["kind"], row.extra["kind"]),
            "createDate": milliseconds(row.at),
        }
        | ({"symbol": row.extra["symbol"]} if row.extra["symbol"] else {})
        for row in shown_rows(asked, "bill", *window(asked, YEARS, reach=QUARTER))
    ]
    return items[::-1][: min(asked.number("limit", 100), 1000)]


def _refuse_others(asked: Asked) -> None:
    if WALLET not in asked.account.opened:
        raise REJECTED_KEY
