"""The roles: owner (migrates), worker (adds), dashboard (reads views), paper and its reader (the paper exchange), and what is
taken from everybody else.
"""

from collections.abc import Mapping
from typing import Any

from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege
from psycopg.rows import tuple_row

from sql.locks import ROLES_LOCK

ROLES = {
    "owner": "portfolio_owner",
    "worker": "portfolio_worker",
    "dashboard": "portfolio_dashboard",
    "paper": "portfolio_paper",
    "paper_reader": "portfolio_paper_reader",
}
LOCKING = ("owner", "worker", "paper")  # who may take advisory locks
SILENCE = {  # a client that vanished with its machine or its network is noticed within half a minute, and its locks end
    "tcp_keepalives_idle": "10s",
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25s",
    "client_connection_check_interval": "5s",
}
SETTINGS = {
    "portfolio_owner": SILENCE,
    "portfolio_worker": {
        **SILENCE,
        "search_path": "monitor",
        "statement_timeout": "60s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
        "idle_session_timeout": "2h",  # longer than the exchange's longest history takes to be read
    },
    "portfolio_dashboard": {
        **SILENCE,
        "search_path": "reading",
        "default_transaction_read_only": "on",
        "statement_timeout": "5s",
        "lock_timeout": "1s",
        "idle_in_transaction_session_timeout": "15s",
        "idle_session_timeout": "1h",
    },
    "portfolio_paper": {
        **SILENCE,
        "search_path": "paper",
        "statement_timeout": "60s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    },
    "portfolio_paper_reader": {
        **SILENCE,
        "search_path": "paper",
        "default_transaction_read_only": "on",
        "statement_timeout": "5s",
        "lock_timeout": "1s",
        "idle_in_transaction_session_timeout": "15s",
    },
}


def ensure_roles(connection: Connection[Any], passwords: Mapping[str, str]) -> None:
    """Make the roles that are missing and set their settings; `passwords` by short name, none leaves them as they are.

    Needs the right to create roles.
    """
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [ROLES_LOCK])
        for short, name in ROLES.items():
            role = sql.Identifier(name)
            if not connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create role {} login").format(role))
            if password := passwords.get(short):
                # psycopg hashes it here (SCRAM), so that no server log can show it.
                verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
                connection.execute(sql.SQL("alter role {} password {}").format(role, sql.Literal(verifier.decode())))
            for setting, value in SETTINGS.get(name, {}).items():
                connection.execute(
                    sql.SQL("alter role {} set {} = {}").format(role, sql.Identifier(setting), sql.Literal(value))
                )


SHARED_FUNCTIONS = (
    "^(pg_(try_)?advisory_|lo_|loread$|lowrite$)"  # locks that could stop the worker; files in the database
)
FUNCTIONS = """
    select p.oid::regprocedure::text as function from pg_catalog.pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ %(names)s
        and has_function_privilege(%(role)s, p.oid, 'execute') = %(may)s
    order by 1
"""


def restrict_functions(connection: Connection[Any]) -> tuple[str, ...]:
    """Take advisory locks and large objects of this database from all but those who need locks; returns those still open.

    By default every role may take the worker's lock, the dashboard's too. Only a superuser can change that.
    """
    try:
        for function in load_open_functions(connection):
            connection.execute(sql.SQL("revoke execute on function {} from public").format(sql.SQL(function)))
        for role in (ROLES[short] for short in LOCKING):
            for function in _load_functions(connection, role, may=False):
                statement = sql.SQL("grant execute on function {} to {}")
                connection.execute(statement.format(sql.SQL(function), sql.Identifier(role)))
    except InsufficientPrivilege:
        pass
    return load_open_functions(connection)


def load_open_functions(connection: Connection[Any]) -> tuple[str, ...]:
    """Functions for locks and large objects that every role of this database may still call."""
    return _load_functions(connection, "public", may=True)


def _load_functions(connection: Connection[Any], role: str, *, may: bool) -> tuple[str, ...]:
    asked = {"names": SHARED_FUNCTIONS, "role": role, "may": may}
    with connection.cursor(row_factory=tuple_row) as cursor:
        return tuple(row[0] for row in cursor.execute(FUNCTIONS, asked))
