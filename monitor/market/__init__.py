"""Prices: the ticker's, those of past minutes, and those of coins without a ticker."""
