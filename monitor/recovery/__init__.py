"""What is found later: missing fills, outages, backfill from the exchange's records, corrections."""
