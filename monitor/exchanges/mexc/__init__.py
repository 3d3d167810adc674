"""MEXC: one account system, spot and futures; no total, no ledger, and histories that reach back three months at most."""
