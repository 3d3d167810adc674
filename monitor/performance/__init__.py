"""One account's hour recorded: ledger, units, benchmarks, explanations; all accounts together; verification."""
