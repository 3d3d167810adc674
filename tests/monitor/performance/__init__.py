"""Tests of one account's hour: how it is recorded, booked and derived."""
