"""What the venue says over HTTP: one folder an exchange, its dialect, and in this folder what dialects share.

`app` is the port: it reads the request, strikes with planned faults, asks the dialect, and notes the call. `dialect` is what
a dialect must tell, and the way from a request to its answer. `request` has the raw request (`Sent`) and how routes see it
(`Call`), `refusal` what is refused.

Another exchange:

1. Its name and account systems in `paper/exchanges.py` (and in PASSPHRASES, if its keys have one), its port in OTHER_PORTS of
   `paper/__main__.py`, and its line in the grammar of `paper/stories.py`.
2. A folder of its name here. Its `__init__.py` has a `Dialect` and `make_dialect()`, which returns a new one.
   - `routes`: by path, who answers a `Call` and how often that may be asked. Paths with parameters: `find_route`.
   - `key_headers`: where its keys are sent; faults and the log tell accounts apart by it.
   - `identify`: recomputes the signature from `Sent` (method, path, query and body as they came), looks at stamp and key
     (`venue.account_of_key(key, name)`, `account.revoked`) and raises a `Refusal` with the exchange's code, words and status.
   - `new_limits`: counts calls by `sent.heard_at`, not by the venue's time, which may stand.
   - `hear`: makes its own kind of `Call`, which says how a wrong or missing parameter is refused.
   - `write`, `write_refusal`: its envelopes.
3. Answers are made from the core's books alone (`venue.ledger`, `account`, `paper.futures`, `paper.margin`): no figure is kept
   under `wire/`. `withdrawal.told(with_fee=...)` is the amount of a withdrawal, as the exchange tells it or the story says
   (`account.tells_fee_inside`). A wallet's ledger is `venue.books.wallet(name, buckets)`: every movement in or out, with the balance after
   it, the verb that made it, what of it it is (`why`) and the symbol (`about`). Coins, symbols, times and amounts are written here in the exchange's way.
4. `tests/paper/` asks it with an unmodified ccxt object, and refuses one wrong byte, a stale stamp, a foreign key.
"""
