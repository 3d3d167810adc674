"""Statements about alerts: the facts that rules judge, episodes, messages."""
