"""The worker's database: its runs, their lock, and the boundary around what may break.

Each room has statements of its own, in `store`. None of them commits: the connection is in autocommit mode, so a
statement stands alone unless a transaction was opened, and one account's hour is one transaction.
"""
