"""The old database of these tests, and what is right of it, reckoned by hand.

Account `main` at Binance traded before it was ever read:

    10:00  buy 2 BTC at 40,000 (order 1001, entry)          11:00  sells 0.5 at 41,000 (1002, TP1)
    12:00  sells 0.5 at 42,000 (1003, TP2)                  13:00  sells 1 at 39,000 (1004, SL)

which gains 500 + 1,000 - 1,000 = 500. The old script took the whole 2 BTC for each exit: 2,000 + 4,000 - 2,000 = 4,000.

    ETH: bought 1 for 2,991 on average (2001, two fills of the exchange's; its limit was 3,000), sold 1 for 3,100 (2002)
"""

from typing import Any

from tests.monitor.legacy.old_database import order

GROUP = "6d0f0f86-0f7e-4a52-9a1c-000000000001"
ROUNDED = 1176934567890123776  # a whole number that a float has exactly, as long ones are once they were rounded


def list_orders() -> list[dict[str, Any]]:
    """Good orders and bad ones."""
    exits = {"parent_order_id": 1001, "order_group_id": GROUP, "side": "SELL"}
    day = "2025-01-10"
    return [
        order(1, 1001, quantity="2", price="40000", filled_timestamp=f"{day} 10:00:01+00", order_role="ENTRY",
              order_group_id=GROUP, tp_levels="[41000, 42000]", sl_price="39000", note="breakout; half at each target"),
        order(2, 1002, quantity="0.5", price="41000", filled_timestamp=f"{day} 11:00:00+00", order_role="TP1", **exits),
        order(3, 1003, quantity="0.5", price="42000", filled_timestamp=f"{day} 12:00:00+00", order_role="TP2", **exits),
        order(4, 1004, quantity="1", price="39000", filled_timestamp=f"{day} 13:00:00+00", order_role="SL", **exits),
        order(5, 2001, symbol="ETHUSDT", quantity="1", price="3000", type="LIMIT", order_role="ENTRY",
              filled_timestamp=f"{day} 14:00:00+00"),
        order(6, 2002, symbol="ETHUSDT", side="SELL", quantity="1", price="3100", order_role="TP1", parent_order_id=2001,
              order_timestamp=f"{day} 15:00:00+00", filled_timestamp=f"{day} 15:00:00+00"),
        order(7, 3001, quantity="0.1", price="43000", type="LIMIT", filled_timestamp=f"{day} 16:00:00+00"),
        order(8, 3002, quantity="0.1", filled_timestamp=f"{day} 16:30:00+00"),
        order(9, ROUNDED, quantity="0.1", price="43000", filled_timestamp=f"{day} 17:00:00+00"),
        order(10, 3003, side="SELL", quantity="0.1", price="43000", type="LIMIT", order_role="SL", parent_order_id=999,
              status="CANCELED", executed_qty="0"),
        order(11, 1002, quantity="0.5", price="41000", filled_timestamp=f"{day} 11:00:00+00", order_role="TP1", **exits),
        order(12, 3004, quantity="0.1", price="43000", status="NEW", executed_qty="0", type="LIMIT"),
        order(13, 4001, exchange="kraken", quantity="1", price="1"),
        order(14, 4002, quantity="1", price="1", side="HOLD"),
        order(15, 4003, quantity="-1", price="1", executed_qty="0"),
        order(16, 4004, quantity="1", price="1", status="LOST"),
        order(17, 4005, quantity="1", price="1", executed_qty="2"),
        order(18, 4006, side="SELL", quantity="1", price="43000", order_role="ENTRY"),
    ]  # fmt: skip


def list_old_trades() -> list[dict[str, Any]]:
    """What the old script made of them, and a trade of nothing."""
    long = {"exchange": "binance", "symbol": "BTCUSDT", "side": "LONG", "entry_order_id": 1001, "entry_price": "40000",
            "entry_quantity": "2", "exit_time": "2025-01-10 13:00:00+00", "leverage": 1}  # fmt: skip
    return [
        {**long, "id": 1, "exit_order_id": 1002, "exit_price": "41000", "exit_quantity": "0.5", "exit_type": "TP",
         "gross_pnl": "2000", "net_pnl": "2000", "pnl_percentage": "2.5"},
        {**long, "id": 2, "exit_order_id": 1003, "exit_price": "42000", "exit_quantity": "0.5", "exit_type": "TP",
         "gross_pnl": "4000", "net_pnl": "4000", "pnl_percentage": "5"},
        {**long, "id": 3, "exit_order_id": 1004, "exit_price": "39000", "exit_quantity": "1", "exit_type": "SL",
         "gross_pnl": "-2000", "net_pnl": "-2000", "pnl_percentage": "-2.5"},
        {**long, "id": 4, "symbol": "ETHUSDT", "entry_order_id": 2001, "entry_price": "3000", "entry_quantity": "1",
         "exit_order_id": 2002, "exit_price": "3100", "exit_quantity": "1", "exit_type": "TP", "gross_pnl": "100",
         "net_pnl": "100"},
        {**long, "id": 5, "entry_order_id": 3002, "exit_order_id": 3002, "entry_quantity": "0", "exit_price": "1",
         "exit_quantity": "0", "exit_type": "MANUAL", "gross_pnl": "0", "net_pnl": "0", "pnl_percentage": "NaN"},
        {**long, "id": 6, "side": "SHORT", "entry_order_id": 4006, "entry_price": "43000", "entry_quantity": "1",
         "exit_price": "42000", "exit_quantity": "1", "exit_type": "TP", "gross_pnl": "1000", "net_pnl": "1000",
         "pnl_percentage": "2.5", "roi_percentage": "25", "leverage": 10},
    ]  # fmt: skip


def list_tables() -> dict[str, list[dict[str, Any]]]:
    """The whole old database."""
    return {
        "orders": list_orders(),
        "trade_history": list_old_trades(),
        "processed_orders": [
            {"id": 1, "symbol": "SOLUSDT", "side": "BUY", "entry_price": "150", "stop_loss": "140", "quantity": "10",
             "take_profit_levels": '[{"level": 1, "price": 160, "percentage": 50}, {"level": 2, "price": 170.5, "percentage": 50}]',
             "notional": "1500", "leverage": "10x", "confidence": "HIGH", "timeframe": "4h", "margin_mode": "ISOLATED",
             "timestamp": "2025-01-11 09:00:00+00", "amount_percentage": "5.00", "order_type": "LIMIT", "force": "GTC"},
            {"id": 2, "symbol": "SOLUSDT", "side": "BUY", "leverage": "lots", "timestamp": "2025-01-11 09:00:00+00"},
        ],
        "performance_metrics": [
            {"id": 1, "exchange": "binance", "total_trades": 0, "win_rate": "NaN", "profit_factor": "0",
             "period_start": "2025-01-01 00:00:00+00", "period_end": "2025-01-09 23:59:59+00"},
            {"id": 2, "exchange": "binance", "total_trades": 4, "win_rate": "75", "gross_profit": "6100", "gross_loss": "0",
             "profit_factor": "0", "total_gross_pnl": "4100", "total_net_pnl": "4100", "roi_percentage": "41"},
        ],
        "portfolio_snapshots": [
            {"id": 1, "exchange": "binance", "total_balance": "10000", "snapshot_date": "2025-01-10"},
        ],
        "fees_tracking": [
            {"id": 1, "exchange": "binance", "symbol": "ETHUSDT", "order_id": 2001, "fee_amount": "0.003", "fee_currency": "ETH", "fee_type": "TAKER"},
        ],
        "positions": [
            {"id": 1, "exchange": "binance", "symbol": "BTCUSDT", "side": "LONG", "entry_order_id": 3002, "quantity": "0.1",
             "leverage": 1, "status": "OPEN"},
        ],
        "api_credentials": [{"id": 1, "api_key": "never-read-this-key", "api_secret": "nor-this-secret"}],
    }  # fmt: skip
