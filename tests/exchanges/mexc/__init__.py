"""MEXC: its answers, its pages, and an account of the paper exchange."""
