"""Bitget, in both of its account systems: classic (`/api/v2`) and unified (`/api/v3`)."""
