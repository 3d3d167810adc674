"""Hours nobody read, rebuilt from the exchange's own records."""
