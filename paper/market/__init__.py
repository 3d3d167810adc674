"""Prices: what a market is (`klines`), simulated and recorded ones, and pairs that stop trading (`halts`)."""
