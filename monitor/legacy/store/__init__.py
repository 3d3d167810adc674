"""Statements about what came from an older system, and what is known without it."""
