"""The SQL of trading."""
