"""Trades: what they realised, and the proof that they add up to the change of NAV."""
