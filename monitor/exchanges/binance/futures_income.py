"""Income of futures wallets: funding, commissions, realised profit and the rest of what the exchange books there.

A row's number is unique only within its type, asset and symbol. Transfers to and from other wallets are no income.
Portfolio margin has histories of its own; what they list of the time before it has the same id, and is one.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from finance.records import IncomeKind, IncomeRecord
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, a_list, a_moment, amount, asset, optional_text, select, text
from monitor.exchanges.windows import fetch_halves, milliseconds, once, windows

USD_M = Endpoint(family="fapiPrivate", path="income", weight=30, bucket="fapi")
COIN_M = Endpoint(family="dapiPrivate", path="income", weight=20, bucket="dapi")
PORTFOLIO_USD_M = Endpoint(family="papi", path="um/income", weight=30, bucket="papi")
PORTFOLIO_COIN_M = Endpoint(family="papi", path="cm/income", weight=30, bucket="papi")
PLACES = {USD_M: "usd_m_futures", COIN_M: "coin_m_futures", PORTFOLIO_USD_M: "usd_m_futures",
          PORTFOLIO_COIN_M: "coin_m_futures"}  # fmt: skip
LONGEST_WINDOW = timedelta(days=29)
MOST_ROWS = 1000  # of an answer; its pages are no longer documented
KINDS = {
    "FUNDING_FEE": IncomeKind.FUNDING_FEE,
    "SPECIAL_FUNDING_FEE": IncomeKind.FUNDING_FEE,
    "REALIZED_PNL": IncomeKind.REALISED_PROFIT,
    "COMMISSION": IncomeKind.FUTURES_COMMISSION,
    "INSURANCE_CLEAR": IncomeKind.LIQUIDATION_FEE,
    "DELIVERED_SETTELMENT": IncomeKind.REALISED_PROFIT,
    "REFERRAL_KICKBACK": IncomeKind.REBATE,
    "COMMISSION_REBATE": IncomeKind.REBATE,
    "API_REBATE": IncomeKind.REBATE,
    "FEE_RETURN": IncomeKind.REBATE,  # of what a trading bot paid
    "WELCOME_BONUS": IncomeKind.DIVIDEND,
    "CONTEST_REWARD": IncomeKind.DIVIDEND,
    "BFUSD_REWARD": IncomeKind.EARN_INTEREST,
    "OPTIONS_PREMIUM_FEE": IncomeKind.OTHER,
    "OPTIONS_SETTLE_PROFIT": IncomeKind.REALISED_PROFIT,
    "POSITION_LIMIT_INCREASE_FEE": IncomeKind.OTHER,
    "AUTO_EXCHANGE": IncomeKind.OTHER,  # one margin asset for another: two rows that cancel in value
    "COIN_SWAP_DEPOSIT": IncomeKind.OTHER,
    "COIN_SWAP_WITHDRAW": IncomeKind.OTHER,
}
INTERNAL = ("TRANSFER", "INTERNAL_TRANSFER", "CROSS_COLLATERAL_TRANSFER", "STRATEGY_UMFUTURES_TRANSFER")
FIELDS = ("symbol", "incomeType", "income", "asset", "info", "time", "tranId", "tradeId")
LOG = logging.getLogger(__name__)


async def fetch_income(
    connection: Connection, since: datetime, until: datetime, endpoint: Endpoint
) -> tuple[IncomeRecord, ...]:
    """What a wallet of futures booked in [since, until], without transfers; `endpoint` is one of PLACES.

    Raises KeyRejected for portfolio margin where the account has none.
    """
    doing = f"Reading the income of {PLACES[endpoint]}"

    async def fetch(start: datetime, end: datetime) -> Sequence[IncomeRecord | None]:
        return await connection.call(
            endpoint,
            doing,
            lambda answer: [_record(row, endpoint) for row in a_list(answer)],
            startTime=milliseconds(start),
            endTime=milliseconds(end),
            limit=MOST_ROWS,
        )

    found: list[IncomeRecord | None] = []
    for window in windows(since, until, LONGEST_WINDOW):
        found += await fetch_halves(fetch, window, MOST_ROWS, doing)
    records = once(record for record in found if record)
    _warn_of_unknown(records)
    return records


def _record(row: Row, endpoint: Endpoint) -> IncomeRecord | None:
    booked, place = text(row, "incomeType"), PLACES[endpoint]
    if booked in INTERNAL:
        return None
    symbol = optional_text(row, "symbol")
    return IncomeRecord(
        kind=KINDS.get(booked, IncomeKind.OTHER),
        exchange_id=" ".join(filter(None, (place, booked, text(row, "tranId"), symbol, asset(row)))),
        wallet="portfolio_margin" if endpoint.bucket == "papi" else place,
        asset=asset(row),
        amount=amount(row, "income", signed=True),
        occurred_at=a_moment(row, "time"),
        raw=select(row, FIELDS),
    )


def _warn_of_unknown(records: Iterable[IncomeRecord]) -> None:
    unknown = sorted({str(record.raw["incomeType"]) for record in records} - KINDS.keys())
    if unknown:
        LOG.warning("Futures booked income of a kind nobody knows, counted as other: %s", ", ".join(unknown))
