"""The hourly worker: what an account is worth, what came and went, and what 50/50 would be worth.

The data's path: settings → errors → credentials → accounts → exchanges → edge → identity → snapshot → prices →
valuation → flows → flow_values → units → benchmark → track → attribution → explanation → causes → store →
explained_hours → derivation → recording → fills → missing_fills → combined → past → rebuilding → filling → backfill →
outages → cycle → report → run_json → __main__
"""

VERSION = "0.1.0"
