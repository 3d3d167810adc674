"""Binance: one file per wallet, flows, prices and permissions; `account` and `market` put them together."""
