"""What is remembered of an account beside its balances (`accounts`)."""
