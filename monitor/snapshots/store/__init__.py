"""Statements about readings: snapshots, holdings, wallets, comparisons with the exchange's totals."""
