"""Statements about accounts: their keys and their benchmarks."""
