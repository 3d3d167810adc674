"""A paper exchange that speaks Binance's REST protocol, for demos, tests and trading without money.

clock → market (simulated, replay) → ledger → stories → venue → signing, weights, faults → wire → control → app
"""
