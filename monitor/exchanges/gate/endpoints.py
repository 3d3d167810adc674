"""Every address that is read of Gate, in one place. All of them are GETs; each has a limit of its own, by account or address."""

from monitor.exchanges.http.dialect import Endpoint


def _private(family: str, path: str) -> Endpoint:
    return Endpoint(family=f"private/{family}", path=path, weight=1, bucket=f"{family}/{path}", per_account=True)


def _public(family: str, path: str) -> Endpoint:
    return Endpoint(family=f"public/{family}", path=path, weight=1, bucket=f"{family}/{path}", signed=False)


SERVER_TIME = _public("spot", "time")
TICKERS = _public("spot", "tickers")
PAIRS = _public("spot", "currency_pairs")
CANDLES = _public("spot", "candlesticks")
USDT_MARKS = _public("futures", "usdt/candlesticks")
BTC_MARKS = _public("futures", "btc/candlesticks")
DELIVERY_MARKS = _public("delivery", "usdt/candlesticks")
USDT_CONTRACT = _public("futures", "usdt/contracts/{contract}")
BTC_CONTRACT = _public("futures", "btc/contracts/{contract}")
DELIVERY_CONTRACT = _public("delivery", "usdt/contracts/{contract}")

DETAIL = _private("account", "detail")
KEYS = _private("account", "main_keys")
MODE = _private("unified", "unified_mode")
TOTALS = _private("wallet", "total_balance")
SPOT_ACCOUNTS = _private("spot", "accounts")
UNIFIED_ACCOUNTS = _private("unified", "accounts")
ISOLATED_ACCOUNTS = _private("margin", "accounts")
CROSS_ACCOUNTS = _private("margin", "cross/accounts")
USDT_ACCOUNT = _private("futures", "usdt/accounts")
BTC_ACCOUNT = _private("futures", "btc/accounts")
DELIVERY_ACCOUNT = _private("delivery", "usdt/accounts")
OPTIONS_ACCOUNT = _private("options", "accounts")
USDT_POSITIONS = _private("futures", "usdt/positions")
BTC_POSITIONS = _private("futures", "btc/positions")
DELIVERY_POSITIONS = _private("delivery", "usdt/positions")
LENDS = _private("earn", "uni/lends")
DUAL_ORDERS = _private("earn", "dual/orders")
STRUCTURED_ORDERS = _private("earn", "structured/orders")
STAKED = _private("earn", "staking/assets")
LOAN_ORDERS = _private("loan", "collateral/orders")
MULTI_LOAN_ORDERS = _private("loan", "multi_collateral/orders")

DEPOSITS = _private("wallet", "deposits")
WITHDRAWALS = _private("wallet", "withdrawals")
PUSHES = _private("wallet", "push")
SUB_TRANSFERS = _private("wallet", "sub_account_transfers")
SPOT_BOOK = _private("spot", "account_book")
USDT_BOOK = _private("futures", "usdt/account_book")
BTC_BOOK = _private("futures", "btc/account_book")
DELIVERY_BOOK = _private("delivery", "usdt/account_book")
OPTIONS_BOOK = _private("options", "account_book")
EARN_INTEREST = _private("earn", "uni/interest_records")
ISOLATED_INTEREST = _private("margin", "uni/interest_records")
UNIFIED_INTEREST = _private("unified", "interest_records")
SPOT_TRADES = _private("spot", "my_trades")
OPEN_ORDERS = _private("spot", "open_orders")
ORDERS = _private("spot", "orders")
USDT_TRADES = _private("futures", "usdt/my_trades_timerange")
BTC_TRADES = _private("futures", "btc/my_trades_timerange")
DELIVERY_TRADES = _private("delivery", "usdt/my_trades")
USDT_CLOSED = _private("futures", "usdt/position_close")
BTC_CLOSED = _private("futures", "btc/position_close")
DELIVERY_CLOSED = _private("delivery", "usdt/position_close")
CONVERTS = _private("flash_swap", "orders")
DUST = _private("wallet", "small_balance_history")
