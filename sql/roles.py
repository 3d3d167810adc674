"""The three roles: owner (migrates), worker (adds), dashboard (reads views)."""

from collections.abc import Mapping
from typing import Any

from psycopg import Connection, sql

ROLES = {"owner": "portfolio_owner", "worker": "portfolio_worker", "dashboard": "portfolio_dashboard"}
SETTINGS = {
    "portfolio_worker": {
        "search_path": "monitor",
        "statement_timeout": "60s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    },
    "portfolio_dashboard": {
        "search_path": "reading",
        "default_transaction_read_only": "on",
        "statement_timeout": "5s",
        "lock_timeout": "1s",
        "idle_in_transaction_session_timeout": "15s",
    },
}
ROLES_LOCK = 7_205_112


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
