"""The worker's statements, one file per question: `runs`, `observations`, `ledger`, `history`.

Nothing here commits. The connection is in autocommit mode, so a statement stands alone unless the cycle has opened a
transaction: one account's hour is one transaction.
"""

from typing import Any

from psycopg import Connection

Row = dict[str, Any]
Db = Connection[Row]
