"""The hourly worker: what an account is worth, what came and went, and what 50/50 would be worth."""
