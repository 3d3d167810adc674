"""Dual Investment: what is invested, and what its settlements paid.

A position counts with what was paid for it until it is settled: its reward is known before, but paid only then. At
settlement the reward, amount * apr * days / 365, is income. Where the price had reached the strike, amount and reward
are swapped at the strike (PUT: a coin is bought, CALL: sold). The exchange does not say whether it was so; it compares
the strike with the index's mean in the last half hour, which the traded prices of that half hour stand for here.
Source of the formula: the product's own rules, "Subscription Amount * (1 + APR * Days / 365)".
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from finance.decimals import ZERO, exact, total
from finance.observed import Balance, add_up
from finance.records import FillMarket, FillRecord, IncomeKind, IncomeRecord
from monitor.exchanges.binance.dialect import read_counted
from monitor.exchanges.binance.klines import fetch_klines
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount, asset, select, text
from monitor.exchanges.windows import Page, call_pages

WALLET = "dual_investment"
POSITIONS = Endpoint(family="sapi", path="dci/product/positions", weight=1, bucket="sapi dual investment")
DOING = "Reading Dual Investment"
HELD = ("PENDING", "PURCHASE_SUCCESS", "SETTLING", "REFUNDING")  # in the order of a position's life
SETTLED = "SETTLED"
BUYS = {"PUT": True, "CALL": False}
PAGE_SIZE = 100
DAYS_A_YEAR = 365
SMALLEST = Decimal("1e-8")
MINUTE, HALF_HOUR = timedelta(minutes=1), timedelta(minutes=30)
UNCERTAIN = Decimal("0.002")  # nearer to the strike than this, traded prices can't say on which side the index was
FIELDS = ("id", "orderId", "investCoin", "exercisedCoin", "subscriptionAmount", "strikePrice", "duration", "settleDate",
        "purchaseStatus", "apr", "optionType", "subscriptionTime")  # fmt: skip
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One investment."""

    name: str
    coin: str  # invested
    other: str  # what it is swapped for at the strike
    amount: Decimal
    strike: Decimal  # in the coin that the other one is quoted in
    buys: bool  # PUT: the other coin is bought
    reward: Decimal  # in the invested coin
    settles_at: datetime
    raw: dict[str, object]

    @property
    def symbol(self) -> str:
        """The pair whose price decides."""
        return self.other + self.coin if self.buys else self.coin + self.other


async def fetch_invested(connection: Connection) -> tuple[Balance, ...]:
    """What is invested and not settled, by coin."""
    found: dict[str, Position] = {}
    for status in HELD:  # one that moves on meanwhile is listed twice rather than not at all
        found |= {position.name: position for position in await _fetch(connection, status)}
    return add_up(Balance(asset=p.coin, free=ZERO, locked=p.amount) for p in found.values())


async def fetch_settlements(
    connection: Connection, since: datetime, until: datetime
) -> tuple[IncomeRecord | FillRecord, ...]:
    """The rewards of the positions settled in [since, until], and the swaps of those that were exercised."""
    settled = [p for p in await _fetch(connection, SETTLED) if since <= p.settles_at <= until]
    swaps = [_swap(position) for position in settled if await _is_exercised(connection, position)]
    return (*(_reward(position) for position in settled if position.reward), *swaps)


async def _fetch(connection: Connection, status: str) -> list[Position]:
    asked = {"status": status, "pageSize": PAGE_SIZE}
    return await call_pages(connection, POSITIONS, DOING, _read_positions, PAGE_SIZE, number="pageIndex", **asked)


def _read_positions(answer: object) -> Page[Position]:
    rows, count = read_counted(answer, "list")
    return [_read_position(row) for row in rows], count


@exact
def _read_position(row: Row) -> Position:
    invested, option = amount(row, "subscriptionAmount"), text(row, "optionType")
    if option not in BUYS:
        raise Malformed("optionType is neither PUT nor CALL")
    paid = invested * amount(row, "apr") * amount(row, "duration") / DAYS_A_YEAR
    return Position(
        name=f"{text(row, 'id')} {text(row, 'orderId')}",
        coin=asset(row, "investCoin"),
        other=asset(row, "exercisedCoin"),
        amount=invested,
        strike=amount(row, "strikePrice"),
        buys=BUYS[option],
        reward=paid.quantize(SMALLEST, ROUND_DOWN),
        settles_at=a_moment(row, "settleDate"),
        raw=select(row, FIELDS),
    )


async def _is_exercised(connection: Connection, position: Position) -> bool:
    """Whether the price had reached the strike; no where that is not clear, so that the swap shows as unexplained."""
    last = (position.settles_at - HALF_HOUR, position.settles_at)
    prices = [kline.close for kline in await fetch_klines(connection, position.symbol, MINUTE, last)]
    mean = _mean(prices) if prices else position.strike
    if abs(mean - position.strike) <= UNCERTAIN * position.strike:
        LOG.warning("Whether Dual Investment %s was exercised is not clear from the prices.", position.name)
        return False
    return (mean < position.strike) is position.buys


@exact
def _mean(prices: list[Decimal]) -> Decimal:
    return total(prices) / len(prices)


def _reward(position: Position) -> IncomeRecord:
    return IncomeRecord(
        kind=IncomeKind.EARN_INTEREST,
        exchange_id=f"{WALLET} {position.name}",
        wallet=WALLET,
        asset=position.coin,
        amount=position.reward,
        occurred_at=position.settles_at,
        raw=position.raw,
    )


@exact
def _swap(position: Position) -> FillRecord:
    given = position.amount + position.reward
    got = given / position.strike if position.buys else given * position.strike
    return FillRecord(
        market=FillMarket.CONVERT,
        symbol=f"{position.coin}>{position.other}",
        exchange_id=f"{WALLET} {position.name}",
        base_asset=position.other,
        base_quantity=got.quantize(SMALLEST, ROUND_DOWN),
        quote_asset=position.coin,
        quote_quantity=-given,
        occurred_at=position.settles_at,
        raw=position.raw,
    )
