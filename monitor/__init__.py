"""The hourly worker: what an account is worth, what came and went, and what 50/50 would be worth.

The data's path: settings → errors → credentials → accounts → exchanges → edge → turns → identity → snapshot → prices →
valuation → unpriced → checks → flows → exposure → flow_values → units → benchmark → track → store → other_prices →
explained → intervals → scope → past_prices → derivation → sales → overruling → booking → deferral → misplaced →
readings → retold → verdict → recording → appraisal → checkup → transfers → combined → rebuilt → cycle → klines →
notify → commands → __main__
"""

VERSION = "0.2.0"
