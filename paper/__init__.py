"""Paper exchanges that speak the REST protocols of real ones, for demos, tests and trading without money.

clock → market (simulated, replay), tape → ledger, books → trading (the order desk) → open_market → stories → venue → faults →
wire (a dialect an exchange) → control
"""
