"""One account's hour recorded: ledger, units, benchmarks, explanations; portfolios; verification."""
