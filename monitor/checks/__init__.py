"""Doubts and proofs: readings compared with themselves, with the hour before, and with the exchange's own figures."""
