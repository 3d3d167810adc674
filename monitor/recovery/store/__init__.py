"""Statements about gaps and what fills them."""
