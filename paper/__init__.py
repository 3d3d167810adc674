"""Paper exchanges that speak the REST protocols of real ones, for demos, tests and trading without money.

clock → market (simulated, replay) → ledger, books → stories → venue → faults → wire (a dialect an exchange) → control
"""
