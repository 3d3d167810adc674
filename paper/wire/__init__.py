"""What the venue says over HTTP: one folder an exchange, its dialect, and in this folder what dialects share.

`app` is the port: it reads the request, strikes with planned faults, asks the dialect, and notes the call. `dialect` is what
a dialect must tell, and the way from a request to its answer. `request` has the raw request (`Sent`) and how routes see it
(`Call`), `refusal` what is refused, `limits` the calls of the last moments.

Another exchange:

1. Its name and account systems in `paper/stories/exchanges.py` (and in PASSPHRASES, if its keys have one), its port in OTHER_PORTS of
   `paper/__main__.py`, and its line in the grammar of `paper/stories/lines.py`.
2. A folder of its name here. Its `__init__.py` has a `Dialect` and `make_dialect()`, which returns a new one.
   - `routes`: by path, who answers a `Call`, how often that may be asked, which right the key needs and which account system
     it is for. Paths with parameters: `find_route`.
   - `key_headers`: where its keys are sent; faults and the log tell accounts apart by it.
   - `identify`: recomputes the signature from `Sent` (method, path, query and body as they came), looks at stamp and key
     (`venue.account_of_key(key, name)`, `account.revoked`) and raises a `Refusal` with the exchange's code, words and status.
   - `admit`: refuses a missing right (`account.permissions`: what the story permitted or forbade) or the wrong system.
   - `new_limits`: counts calls by `sent.heard_at`, not by the venue's time, which may stand.
   - `hear`: makes its own kind of `Call`, which says how a wrong or missing parameter is refused.
   - `write`, `write_refusal`: its envelopes.
3. Answers are made from the core's books alone, and no figure is kept under `wire/`. Coins, symbols, times, amounts, windows
   and pages are written here in the exchange's way. In the core:
   - `venue.ledger` has what is in each bucket now, debts in buckets of their own (`paper.stories.margin.debts`); `paper.stories.futures`
     positions, marks and open profit; `paper.stories.worth` prices in USDT, for the exchange's own totals.
   - `venue.books.wallet(name, buckets)` is a wallet's ledger: every movement in or out with the balance after it, the verb
     that made it, what of it it is (`why`: commission, fee, funding ...) and the symbol (`about`).
   - `withdrawal.told(with_fee=...)` is a withdrawal's amount as the exchange tells it; a story may say otherwise
     (`account.tells_fee_inside`), where it is not known which is so.
4. Samples of real answers in a folder of `tests/exchanges/samples`, each with its source; a test that every path has one or is
   named as inferred, and that the dialect's answer has its fields (`tests/paper/test_bitget_shapes.py`).
5. `tests/paper/` reads it with an unmodified ccxt object, finds that ledgers chain to what wallets hold and totals are their
   worth, and that one wrong byte, a stale stamp and a foreign key are refused.
"""
