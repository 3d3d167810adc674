"""The platform's own routes under `/api`, in JSON, for people and their programs; trading goes by the exchange's protocol.

policy (its settings) → bodies (JSON that was sent, read strictly) → operations (what a route takes, and who may ask) → membership (the state
that routes work on) → amounts → trading (the
exchange's door) → accounts, sessions, profiles, keys, settings, orders, trades, wallets, trail (the routes) → answers (refusals as JSON) → guard (names,
origins, headers) → app.
"""
