"""One reading of one account, and what speaks for and against it."""
