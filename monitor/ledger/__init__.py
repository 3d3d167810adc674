"""Deposits and withdrawals, income and fills, as the exchange's histories show them."""
