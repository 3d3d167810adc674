"""Statements about the ledger: flows, income, fills, transfers, and how far each history is known."""
