"""Statements about hours: NAV, units, benchmarks, explanations."""
