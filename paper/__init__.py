"""Paper exchanges that speak the protocols of real ones, for demos, tests and trading without money.

Its rooms; each imports only those above it:

clock       the venue's time
arguments   what the control port is sent, within bounds
users       who trades: passwords, tokens, API keys, the audit trail: pure
ledger      balances and account books
market      prices: simulated, recorded
trading     orders, books, matching, settlement: pure
histories   what is remembered of accounts
engine      the venue, and how clients meet its market
stories     accounts that live by lines of text
storage     the platform's database: what commands changed, written and read again
faults      bad days: answers that fail
wire        what is said over HTTP, a dialect an exchange
markets     which market it is, by name
api         the platform's own routes: users, sessions, keys, balances, wallets, orders, trades
granting    what whoever runs the platform does: invitations, roles
platform    the venue as a program whose accounts outlive restarts
control     the port of tests: clock, events, faults, the truth
"""
