"""One hourly run of all accounts."""
