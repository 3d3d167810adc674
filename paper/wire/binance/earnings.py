"""Histories of income: Earn rewards, dividends, rebates, margin interest, and what futures wallets book."""

from datetime import timedelta
from typing import Any

from paper.wire.binance.money import page, shown_rows, window
from paper.wire.binance.refusals import REJECTED_KEY
from paper.wire.binance.request import Asked, milliseconds, plain
from paper.wire.refusal import Refusal

MONTH, QUARTER, HALF_YEAR, YEARS = timedelta(days=30), timedelta(days=90), timedelta(days=180), timedelta(days=3650)
INCOME_TYPES = {"funding": "FUNDING_FEE", "profit": "REALIZED_PNL", "commission": "COMMISSION", "transfer": "TRANSFER",
                "clearance": "INSURANCE_CLEAR"}  # fmt: skip


def flexible_rewards(asked: Asked) -> Any:
    """GET /sapi/v1/simple-earn/flexible/history/rewardsRecord"""
    rows = [row for row in _rewards(asked, "flexible") if row.extra["kind"] == asked.parameters.get("type", "BONUS")]
    items = [
        {
            "asset": row.asset,
            "rewards": plain(row.amount),
            "projectId": f"{row.asset}001",
            "type": row.extra["kind"],
            "time": milliseconds(row.at),
        }
        for row in rows
    ]
    return _counted(asked, items)


def locked_rewards(asked: Asked) -> Any:
    """GET /sapi/v1/simple-earn/locked/history/rewardsRecord"""
    items = [
        {
            "positionId": 1,
            "asset": row.asset,
            "amount": plain(row.amount),
            "lockPeriod": "90",
            "type": row.extra["kind"],
            "time": milliseconds(row.at),
        }
        for row in _rewards(asked, "locked")
    ]
    return _counted(asked, items)


def _rewards(asked: Asked, product: str) -> list[Any]:
    since, until = asked.time("startTime"), asked.time("endTime")
    if since and until and until - since > MONTH:
        raise Refusal(-6021, "The time range is too long.")
    return [row for row in shown_rows(asked, "reward", *window(asked, MONTH)) if row.extra["product"] == product]


def _counted(asked: Asked, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"rows": page(asked, items[::-1], "size", 100, "current"), "total": len(items)}


def dividends(asked: Asked) -> Any:
    """GET /sapi/v1/asset/assetDividend: the newest, 20 by default, 500 at most, and no pages."""
    rows = shown_rows(asked, "dividend", *window(asked, HALF_YEAR))
    items = [
        {
            "id": int(row.id),
            "tranId": 1,
            "asset": row.asset,
            "amount": plain(row.amount),
            "divTime": milliseconds(row.at),
            "enInfo": "distribution",
            "direction": 1,
        }
        for row in reversed(rows)
    ]
    return {"rows": items[: min(asked.number("limit", 20), 500)], "total": len(items)}


def rebates(asked: Asked) -> Any:
    """GET /sapi/v1/rebate/taxQuery"""
    items = [
        {"asset": row.asset, "type": 1, "amount": plain(row.amount), "updateTime": milliseconds(row.at)}
        for row in shown_rows(asked, "rebate", *window(asked, MONTH))
    ]
    data = {
        "page": asked.number("page", 1),
        "totalRecords": len(items),
        "totalPageNum": -(-len(items) // 100),
        "data": page(asked, items, "rows", 100),
    }
    return {"status": "OK", "type": "GENERAL", "code": "000000", "data": data}


def margin_interest(asked: Asked) -> Any:
    """GET /sapi/v1/margin/interestHistory: of one isolated pair, or of cross margin."""
    pair = asked.parameters.get("isolatedSymbol", "")
    span = window(asked, MONTH, reach=QUARTER)
    rows = [row for row in shown_rows(asked, "interest", *span) if row.extra["pair"] == pair]
    items = [
        {
            "txId": int(row.id),
            "interestAccuredTime": milliseconds(row.at),
            "asset": row.asset,
            "interest": plain(row.amount),
            "principal": "0",
            "interestRate": "0",
            "type": "PERIODIC",
        }
        | ({"isolatedSymbol": pair} if pair else {"rawAsset": row.asset})
        for row in rows
    ]
    return _counted(asked, items)


def usd_m_income(asked: Asked) -> Any:
    """GET /fapi/v1/income"""
    if not asked.account.has_futures or asked.account.is_unified:
        raise REJECTED_KEY
    return _income(asked, "usd_m", number=int)


def coin_m_income(asked: Asked) -> Any:
    """GET /dapi/v1/income"""
    if asked.account.is_unified:
        raise REJECTED_KEY
    return _income(asked, "coin_m")


def portfolio_usd_m_income(asked: Asked) -> Any:
    """GET /papi/v1/um/income: what the wallet booked before it was part of portfolio margin is listed as well."""
    return _portfolio_income(asked, "usd_m")


def portfolio_coin_m_income(asked: Asked) -> Any:
    """GET /papi/v1/cm/income"""
    return _portfolio_income(asked, "coin_m")


def _portfolio_income(asked: Asked, history: str) -> list[dict[str, Any]]:
    if not asked.account.is_unified:
        raise REJECTED_KEY
    return _income(asked, history)


def _income(asked: Asked, history: str, number: type[str] | type[int] = str) -> list[dict[str, Any]]:
    """The oldest of the range, 100 by default, 1000 at most, and no pages."""
    items = [
        {
            "symbol": row.extra["symbol"],
            "incomeType": INCOME_TYPES.get(row.extra["kind"], row.extra["kind"]),
            "income": plain(row.amount),
            "asset": row.asset,
            "info": "",
            "time": milliseconds(row.at),
            "tranId": number(row.id),
            "tradeId": row.extra["trade"],
        }
        for row in shown_rows(asked, history, *window(asked, YEARS))
    ]
    return items[: min(asked.number("limit", 100), 1000)]
