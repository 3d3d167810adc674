"""/api/positions/open and /api/trades/history: what is open, and what was closed; each also as CSV with the same filters."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from dashboard.api.csv_answer import send_csv
from dashboard.api.queries import Chosen, ExchangeName, Shown, Text
from dashboard.api.replies import may_say, reply_framed, require_history
from dashboard.api.trade_places import read_place, write_place
from dashboard.api.trade_shapes import (
    ClosedTrade,
    NettedCoin,
    OpenPosition,
    OpenPositions,
    TradeHistory,
    describe_contract,
    describe_open,
    describe_trade,
)
from dashboard.frame import Frame
from dashboard.history.netting import load_netted
from dashboard.history.open_contracts import load_contracts
from dashboard.history.open_trades import load_open
from dashboard.history.trades import SORTS, Wanted, load_closed, load_closed_sums
from finance.decimals import total
from sql.rows import Db

router = APIRouter()
ExitType = Literal["MANUAL", "TP", "SL", "LIQUIDATION", "ADL", "DELIVERY", "CONVERT", "DUST", "TRANSFER", "UNEXPLAINED"]
AT_EXCHANGE = "Only accounts at this exchange; of a portfolio the trades that each of them has for itself."
SORT = rf"^-?({'|'.join(SORTS)})$"


class Open(Chosen):
    """What is open."""

    is_filtered = True
    exchange: ExchangeName | None = Field(None, description=AT_EXCHANGE)


class Closed(Shown):
    """Closed trades."""

    is_filtered = True
    exchange: ExchangeName | None = Field(None, description=AT_EXCHANGE)
    symbol: Text = Field("", description="Only of this symbol or coin: ETHUSDT, or ETH.")
    side: Literal["LONG", "SHORT"] | None = Field(None, description="LONG or SHORT.")
    exit_type: ExitType | None = Field(None, description="How the last of it went.")
    tag: Text = Field("", description="Only trades to which the owner gave this tag.")
    q: Text = Field(
        "", description="A text within symbol, id, side, exit type, account, exchange, times, tags or notes."
    )
    sort: Annotated[str, Field(pattern=SORT)] = Field(
        "-exit_time", description=f"One of {', '.join(SORTS)}; with a minus from the largest."
    )

    def wanted(self, frame: Frame) -> Wanted:
        """The same for the database."""
        return Wanted(
            account_id=frame.account_id,
            since=frame.shown.start.hour,
            until=frame.shown.end.hour,
            symbol=self.symbol,
            side=self.side or "",
            exit_type=self.exit_type or "",
            exchange=self.exchange or "",
            tag=self.tag,
            find=self.q,
        )


class ClosedPage(Closed):
    """A page of them."""

    limit: Annotated[int, Field(ge=1, le=2000)] = Field(500, description="Most trades of an answer.")
    cursor: Annotated[str, Field(min_length=1, max_length=400)] | None = Field(
        None, description="`next_cursor` of the page before."
    )


@router.get("/positions/open", responses=may_say(OpenPositions), summary="What is open")
def open_positions(request: Request, asked: Annotated[Open, Query()]) -> Response:
    """Coins that are held or owed, each by its open trade, and positions in contracts. /api/positions/open.csv has the same."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _open(db, frame, asked))


def _open(db: Db, frame: Frame, asked: Open) -> OpenPositions:
    trades = load_open(db, frame.account_id, asked.exchange or "")
    contracts = load_contracts(db, frame.account_id, asked.exchange or "")
    gains = [*(one.gain for one in trades), *(one.gain for one in contracts)]
    known = [gain for gain in gains if gain is not None]
    is_known = len(known) == len(gains)
    return OpenPositions(
        positions=[*map(describe_open, trades), *map(describe_contract, contracts)],
        netted=[
            NettedCoin(asset=one.asset, held=one.held, owed=one.owed, short_in_contracts=one.short, net=one.net)
            for one in load_netted(db, frame.account_id, contracts, asked.exchange or "")
        ],
        total_unrealized_pnl=total(known) if is_known else None,
        total_positions=len(gains),
        reasons={} if is_known else {"total_unrealized_pnl": f"{len(gains) - len(known)} of them are not known."},
    )


@router.get("/trades/history", responses=may_say(TradeHistory), summary="Closed trades")
def history(request: Request, asked: Annotated[ClosedPage, Query()]) -> Response:
    """Trades from flat to flat that were closed in a period, in spot, margin and converts. /api/trades/history.csv has all of them."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _history(db, require_history(frame), asked))


def _history(db: Db, frame: Frame, asked: ClosedPage) -> TradeHistory:
    wanted = asked.wanted(frame)
    after = read_place(asked.sort, asked.cursor) if asked.cursor else None
    rows = load_closed(db, wanted, sort=asked.sort, after=after, limit=asked.limit + 1)
    sums = load_closed_sums(db, wanted)
    return TradeHistory(
        trades=[describe_trade(row) for row in rows[: asked.limit]],
        total_trades=sums.trades,
        total_pnl=sums.net,
        next_cursor=write_place(asked.sort, rows[asked.limit - 1]) if len(rows) > asked.limit else None,
    )


@router.get("/positions/open.csv", include_in_schema=False)
async def open_file(request: Request, asked: Annotated[Open, Query()]) -> Response:
    """The same as a file."""

    def rows(db: Db, frame: Frame) -> Iterator[dict[str, Any]]:
        yield from map(dict, _open(db, frame, asked).positions)

    return await send_csv(request, asked.view, OpenPosition, rows)


@router.get("/trades/history.csv", include_in_schema=False)
async def history_file(request: Request, asked: Annotated[Closed, Query()]) -> Response:
    """All of them as a file."""

    def rows(db: Db, frame: Frame) -> Iterator[dict[str, Any]]:
        found = load_closed(db, asked.wanted(require_history(frame)), sort=asked.sort, limit=None)
        yield from (dict(describe_trade(row)) for row in found)

    return await send_csv(request, asked.view, ClosedTrade, rows)
