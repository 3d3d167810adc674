"""Gate's paths: who answers, which right the key needs, and what is of unified accounts alone."""

from collections.abc import Callable
from functools import partial
from typing import Any

from paper.wire.dialect import Route
from paper.wire.gate import closed, contract_orders, contracts, flows, ledgers, orders, signing, spot, wallets
from paper.wire.refusal import Refusal

BASE = "/api/v4"


def _public(answer: Callable[[Any], Any]) -> Route:
    return Route(answer=answer)


def _signed(answer: Callable[[Any], Any], right: str, system: str = "") -> Route:
    return Route(answer=answer, signed=True, right=right, system=system)


def _of_settle(settle: str) -> dict[str, Route]:
    """The paths of contracts that are settled in a coin."""
    start = f"/futures/{settle}"
    return {
        f"{start}/contracts": _public(partial(contracts.contracts, settle=settle)),
        f"{start}/contracts/{{contract}}": _public(partial(contracts.contracts, settle=settle)),
        f"{start}/candlesticks": _public(partial(contracts.candles, settle=settle)),
        f"{start}/accounts": _signed(partial(contracts.account, settle=settle), "futures"),
        f"{start}/positions": _signed(partial(contracts.positions, settle=settle), "futures"),
        f"{start}/orders": _signed(partial(contract_orders.orders, settle=settle), "futures"),
        f"{start}/orders_timerange": _signed(partial(contract_orders.in_time, settle=settle), "futures"),
        f"{start}/price_orders": _signed(partial(contract_orders.price_orders, settle=settle), "futures"),
        f"{start}/my_trades_timerange": _signed(partial(contracts.trades, settle=settle), "futures"),
        f"{start}/position_close": _signed(partial(closed.positions, settle=settle), "futures"),
        f"{start}/account_book": _signed(partial(ledgers.futures, settle=settle), "futures"),
    }


def _not_opened(asked: Any) -> Any:
    raise Refusal("USER_NOT_FOUND", "please transfer funds first to create the account", 400)


ROUTES = {
    BASE + path: route
    for path, route in {
        "/spot/time": _public(spot.time),
        "/spot/currencies": _public(spot.currencies),
        "/spot/currency_pairs": _public(spot.pairs),
        "/spot/tickers": _public(spot.tickers),
        "/spot/candlesticks": _public(spot.candles),
        "/spot/accounts": _signed(spot.accounts, "spot"),
        "/spot/my_trades": _signed(spot.my_trades, "spot"),
        "/spot/open_orders": _signed(orders.open_orders, "spot"),
        "/spot/orders": _signed(orders.orders, "spot"),
        "/spot/price_orders": _signed(orders.triggered, "spot"),
        "/spot/account_book": _signed(ledgers.spot, "spot"),
        **_of_settle("usdt"),
        **_of_settle("btc"),
        "/delivery/usdt/contracts": _public(wallets.nothing),
        "/delivery/usdt/accounts": _signed(_not_opened, "delivery"),
        "/delivery/usdt/positions": _signed(wallets.nothing, "delivery"),
        "/delivery/usdt/account_book": _signed(_not_opened, "delivery"),
        "/delivery/usdt/settlements": _signed(_not_opened, "delivery"),
        "/delivery/usdt/position_close": _signed(_not_opened, "delivery"),
        "/delivery/usdt/my_trades": _signed(_not_opened, "delivery"),
        "/options/accounts": _signed(_not_opened, "options"),
        "/options/account_book": _signed(_not_opened, "options"),
        "/account/detail": _signed(signing.detail, ""),
        "/account/main_keys": _signed(signing.main_keys, "account"),
        "/unified/unified_mode": _signed(signing.mode, "unified"),
        "/unified/accounts": _signed(wallets.unified, "unified", "unified"),
        "/unified/interest_records": _signed(flows.charges, "unified", "unified"),
        "/margin/currency_pairs": _public(wallets.nothing),
        "/options/underlyings": _public(wallets.nothing),
        "/margin/accounts": _signed(wallets.isolated, "margin"),
        "/margin/cross/accounts": _signed(wallets.cross, "margin"),
        "/margin/uni/interest_records": _signed(flows.charges, "margin"),
        "/earn/uni/lends": _signed(wallets.lends, "earn"),
        "/earn/uni/interest_records": _signed(flows.interest, "earn"),
        "/earn/staking/assets": _signed(wallets.staked, "earn"),
        "/earn/dual/orders": _signed(wallets.nothing, "earn"),
        "/earn/structured/orders": _signed(wallets.nothing, "earn"),
        "/loan/collateral/orders": _signed(wallets.loans, "loan"),
        "/loan/multi_collateral/orders": _signed(wallets.nothing, "loan"),
        "/wallet/total_balance": _signed(wallets.total, "wallet"),
        "/wallet/deposits": _signed(flows.deposits, "wallet"),
        "/wallet/withdrawals": _signed(flows.withdrawals, "wallet"),
        "/wallet/push": _signed(flows.pushes, "wallet"),
        "/wallet/sub_account_transfers": _signed(flows.sub_transfers, "wallet"),
        "/wallet/small_balance_history": _signed(wallets.nothing, "wallet"),
        "/flash_swap/orders": _signed(flows.converts, "wallet"),
    }.items()
}
