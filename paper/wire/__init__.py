"""Binance's JSON, family by family: `spot` (/api), `wallets` and `history` (/sapi), `derivatives` (/fapi, /dapi)."""
