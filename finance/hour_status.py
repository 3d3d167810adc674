"""Words for an hour's state."""

REBUILT = "RECONSTRUCTED"
LEFT_OPEN = ". Not rebuilt: "

VALUED = ["COMPLETE", "RECONSTRUCTED"]
NO_RUN = "the monitor did not run"
LEFT_OUT = "the account was not read in this hour: it was disabled, or waited for its turn"
REBUILT_REASON = "rebuilt from the exchange's records"
