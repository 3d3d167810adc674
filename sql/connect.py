"""Connections to Postgres: patient while the server is away, bounded in every wait, never quoting a password."""

import logging
import time
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row

from sql.errors import AddressFault, DatabaseAway

FIRST_WAIT = 0.25
LONGEST_WAIT = 8.0
LOGGED_FROM = 2.0  # shorter waits are a server that restarts
HOPELESS = ("authentication failed", "does not exist", "no pg_hba.conf entry", "certificate", "not permitted to log in")
OLDEST = 16  # major version of PostgreSQL: whose servers the tests run against
READ_ONLY = "read-only"
TURNED_READ_ONLY = (
    "The database is read-only: nothing can be recorded. Its disk may be full, it may be a standby, or its provider may "
    "have locked it; nothing is half-written, and runs go on by themselves when it can be written again."
)
READER = "portfolio_dashboard"
ONLY_READS = (
    f"This address is read-only: it names {READER}, who may only read. It belongs in DASHBOARD_DATABASE_URL; DATABASE_URL "
    "is portfolio_worker's address, OWNER_DATABASE_URL the owner's."
)
log = logging.getLogger("sql")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def connect(
    url: str,
    *,
    name: str,
    schema: str = "monitor",
    patience_seconds: float = 30,
    read_only: bool = False,
    kind: type[Connection[DictRow]] = Connection,
    answer_seconds: int = 10,
) -> Connection[DictRow]:
    """An autocommit connection of a `kind` whose rows are dicts and whose times are UTC; `name` shows in
    pg_stat_activity. A server that accepts it has `answer_seconds` to answer.

    Tries again with doubling waits for `patience_seconds`, saying so, then raises DatabaseAway with the server's
    reason; at once if waiting can't help, as with a wrong password. Raises AddressFault for a server that is too old, and
    for the address of a role that only reads.
    """
    options = _options(url, schema, read_only) | {"connect_timeout": answer_seconds}
    if not read_only and conninfo_to_dict(url).get("user") == READER:
        raise AddressFault(ONLY_READS)
    deadline, wait = time.monotonic() + patience_seconds, FIRST_WAIT
    while True:
        try:
            opened = kind.connect(url, autocommit=True, row_factory=dict_row, application_name=name, **options)
            _refuse_old(opened)
            return opened
        except psycopg.OperationalError as error:
            reason = _without_password(url, str(error))
        if any(words in reason for words in HOPELESS):
            raise DatabaseAway(f"The database refuses the connection: {reason}. Check its address.")
        if time.monotonic() + wait > deadline and READ_ONLY in reason:
            raise DatabaseAway(f"{TURNED_READ_ONLY} ({reason})")
        if time.monotonic() + wait > deadline:
            raise DatabaseAway(
                f"The database did not answer for {patience_seconds:.0f} s: {reason}. "
                "Is the server running? (embedded: python -m sql status; otherwise check DATABASE_URL)"
            )
        if wait >= LOGGED_FROM:
            log.warning("The database does not answer (%s); trying again in %.0f s.", reason, wait)
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)


def connect_elsewhere(url: str, *, name: str, named: str, answer_seconds: int = 10) -> Connection[DictRow]:
    """A connection that only reads a database of somebody else's, of any version; its times are UTC, its schema is public.

    Raises DatabaseAway at once if it does not answer, AddressFault if the address, which the setting `named` has, can't be
    read. Neither quotes it.
    """
    options = _options(url, "public", read_only=True, named=named) | {"connect_timeout": answer_seconds}
    options["options"] += " -c default_transaction_read_only=on -c datestyle=ISO"
    try:
        return Connection.connect(url, autocommit=True, row_factory=dict_row, application_name=name, **options)
    except psycopg.OperationalError as error:
        reason = _without_password(url, str(error))
    raise DatabaseAway(f"The database of {named} can't be read: {reason}. Check its address.")


def _refuse_old(connection: Connection[DictRow]) -> None:
    major = connection.info.server_version // 10_000
    if major < OLDEST:
        connection.close()
        raise AddressFault(
            f"The database is PostgreSQL {major}; {OLDEST} or newer is needed. Upgrade it, or leave DATABASE_URL out for "
            "the embedded one."
        )


def _options(url: str, schema: str, read_only: bool, named: str = "DATABASE_URL") -> dict[str, Any]:
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise AddressFault(
            f"{named} can't be read. Expected: postgresql://USER:PASSWORD@HOST:5432/DATABASE "
            "(special characters in the password as %XX)."
        ) from None
    settings = [f"search_path={schema}", "timezone=UTC", "client_encoding=UTF8"]
    options: dict[str, Any] = {
        "options": " ".join(f"-c {setting}" for setting in settings),
        "keepalives_idle": 30,
        "tcp_user_timeout": 30_000,
        "target_session_attrs": "any" if read_only else "read-write",
    }
    if not is_local(url) and "sslmode" not in given:
        options["sslmode"] = "verify-full"
    return options


def is_local(url: str) -> bool:
    """Whether the server is on this machine: a socket or the loopback interface."""
    try:
        host = str(conninfo_to_dict(url).get("host") or "")
    except psycopg.ProgrammingError:
        return False
    return host == "" or host.startswith("/") or host in LOOPBACK


def has_password(url: str) -> bool:
    """Whether an address has a password in it, or can't be read, so that it may have one."""
    try:
        return "password" in conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return True


def _without_password(url: str, reason: str) -> str:
    secret = str(conninfo_to_dict(url).get("password") or "")
    for written in filter(None, (secret, quote(secret, safe=""))):
        reason = reason.replace(written, "…")
    return " ".join(reason.split()).rstrip(".?")
