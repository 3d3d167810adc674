"""The worker's database: the type of its connection, its runs, and the boundary around what may break.

Each room has statements of its own, in `store`. None of them commits: the connection is in autocommit mode, so a
statement stands alone unless a transaction was opened, and one account's hour is one transaction.
"""

from psycopg import Connection
from psycopg.rows import DictRow

Db = Connection[DictRow]
