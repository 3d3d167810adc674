"""/futures: contracts, their prices, the accounts that they are settled in, positions and trades.

A size counts contracts: of `quanto_multiplier` units of the coin, or of one USD where they are settled in the coin.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.histories.accounts import ContractFill, FuturesPosition
from paper.market.klines import MINUTE, find_klines, floor_time
from paper.stories.futures import contract_size, is_inverse, margin_asset, mark_price, pair_of, profit
from paper.stories.marks import Marks
from paper.wire.gate.request import Asked, fraction, milliseconds, plain
from paper.wire.gate.spot import query_of, read_candles
from paper.wire.gate.wallets import profits, sums
from paper.wire.refusal import Refusal

MOST_CANDLES = 2000
MULTIPLIERS = {"BTC": Decimal("0.0001"), "ETH": Decimal("0.01")}
OTHER_MULTIPLIER = Decimal(1)
MARK = "mark_"
TEXTS = {"liquidation": "liquidation", "adl": "auto_deleveraging"}
BOOKS = {"usdt": "futures", "btc": "coin_m"}


def name_contract(symbol: str) -> str:
    """Gate's name of a contract."""
    return f"{symbol.removesuffix('USD_PERP')}_USD" if is_inverse(symbol) else f"{symbol.removesuffix('USDT')}_USDT"


def list_contracts(asked: Asked, settle: str) -> dict[str, str]:
    """The venue's names of the contracts that are settled in a coin, by Gate's."""
    if settle == "btc":
        return {"BTC_USD": "BTCUSD_PERP"}
    pairs = [symbol for symbol in asked.venue.market.symbols.values() if symbol.quote == "USDT"]
    return {f"{pair.base}_USDT": pair.name for pair in pairs}


def units_of(symbol: str) -> Decimal:
    """How many of the venue's units one of Gate's contracts is."""
    if is_inverse(symbol):
        return 1 / contract_size(symbol)
    return MULTIPLIERS.get(symbol.removesuffix("USDT"), OTHER_MULTIPLIER)


def _contract(name: str, symbol: str, asked: Asked) -> dict[str, Any]:
    return {
        "name": name,
        "type": "inverse" if is_inverse(symbol) else "direct",
        "quanto_multiplier": "0" if is_inverse(symbol) else plain(units_of(symbol)),
        "mark_price": plain(mark_price(asked.venue, symbol, asked.now)),
        "leverage_min": "1",
        "leverage_max": "100",
        "order_price_round": "0.01",
        "mark_price_round": "0.01",
        "order_size_min": 1,
        "order_size_max": 1_000_000,
        "maker_fee_rate": "0.0002",
        "taker_fee_rate": "0.0005",
        "in_delisting": False,
        "status": "trading",
        "funding_interval": 28_800,
    }


def contracts(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/contracts: all of them, or one."""
    known = list_contracts(asked, settle)
    name = asked.parameters.get("contract")
    if not name:
        return [_contract(one, symbol, asked) for one, symbol in known.items()]
    if name not in known:
        raise Refusal("CONTRACT_NOT_FOUND", f"contract {name} not found", 400)
    return _contract(name, known[name], asked)


def candles(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/candlesticks: objects, in seconds; of mark prices with `mark_` before the contract's name."""
    name = asked.text("contract")
    symbol = list_contracts(asked, settle).get(name.removeprefix(MARK))
    if symbol is None:
        raise Refusal("CONTRACT_NOT_FOUND", f"contract {name} not found", 400)
    query = query_of(pair_of(symbol), read_candles(asked, MOST_CANDLES))
    is_mark = name.startswith(MARK)
    market = Marks(asked.venue.market) if is_mark else asked.venue.market
    found = find_klines(market, query, floor_time(asked.now, MINUTE))
    return [_candle(k.opened, (k.open, k.high, k.low, k.close), "" if is_mark else k.volume) for k in found]


def _candle(opened: Any, prices: Any, volume: str) -> dict[str, Any]:
    row = dict(zip("ohlc", (plain(Decimal(price)) for price in prices), strict=True))
    return {"t": int(opened.timestamp()), **({"v": int(Decimal(volume))} if volume else {}), **row}


def account(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/accounts: the total is without open profit; in a unified account the pool has the margin."""
    venue, owner, asset = asked.venue, asked.account, settle.upper()
    if not owner.is_unified and BOOKS[settle] not in owner.opened:
        raise Refusal("USER_NOT_FOUND", "please transfer funds first to create futures account", 400)
    gained = profits(asked).get(asset, Decimal(0))
    held = Decimal(0) if owner.is_unified else sums(venue, owner, (BOOKS[settle],)).get(asset, Decimal(0))
    return {
        "user": owner.uid,
        "currency": asset,
        "total": plain(held),
        "unrealised_pnl": plain(gained),
        "position_margin": "0",
        "order_margin": "0",
        "available": plain(held),
        "point": "0",
        "bonus": "0",
        "in_dual_mode": owner.is_hedged,
        "enable_credit": owner.is_unified,
        "margin_mode": 1 if owner.is_unified else 0,
        "enable_evolved_classic": False,
        "history": {},
    }


def positions(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/positions"""
    held = [p for p in asked.account.positions if margin_asset(p.symbol).lower() == settle]
    return asked.page([_position(asked, position) for position in held])


def _position(asked: Asked, position: FuturesPosition) -> dict[str, Any]:
    size = position.quantity / units_of(position.symbol)
    return {
        "user": asked.account.uid,
        "contract": name_contract(position.symbol),
        "size": int(size) if size == int(size) else plain(size),
        "leverage": "0",
        "cross_leverage_limit": "20",
        "mode": {"BOTH": "single", "LONG": "dual_long", "SHORT": "dual_short"}[position.side],
        "entry_price": plain(position.entry),
        "mark_price": plain(mark_price(asked.venue, position.symbol, asked.now)),
        "unrealised_pnl": plain(profit(asked.venue, position, asked.now)),
        "realised_pnl": "0",
        "margin": "0",
        "liq_price": "0",
        "pending_orders": 0,
        "update_time": milliseconds(asked.now) // 1000,
    }


def trades(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/my_trades_timerange: newest first."""
    since, until = asked.window(longest=timedelta(days=3650))
    name = asked.parameters.get("contract")
    symbol = list_contracts(asked, settle).get(name, "?") if name else ""
    fills = [
        fill
        for fill in reversed(asked.account.contract_fills)
        if margin_asset(fill.symbol).lower() == settle and symbol in ("", fill.symbol) and since <= fill.at <= until
    ]
    return [tell_trade(fill) for fill in asked.page(fills)]


def tell_trade(fill: ContractFill) -> dict[str, Any]:
    """One of them; `close_size` has the sign of the size."""
    size, closed = (plain_size(quantity / units_of(fill.symbol)) for quantity in (fill.quantity, fill.closed))
    return {
        "trade_id": str(fill.id),
        "create_time": fraction(fill.at),
        "contract": name_contract(fill.symbol),
        "order_id": str(fill.order or fill.id),
        "size": size,
        "price": plain(fill.price),
        "role": "taker",
        "text": TEXTS.get(fill.reason, "api"),
        "fee": plain(fill.commission),
        "point_fee": "0",
        "close_size": closed,
    }


def plain_size(contracts: Decimal) -> int | str:
    """A number of contracts: a text only where it is no whole one."""
    return int(contracts) if contracts == int(contracts) else plain(contracts)
