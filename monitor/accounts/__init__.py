"""The tracked accounts, their keys, and their open connections."""
