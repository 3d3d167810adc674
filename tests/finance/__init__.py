"""Tests of what a number is."""
