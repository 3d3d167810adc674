"""Users, keys, tokens and the trail on Postgres: what commands did comes back as it was, and the trail can only be added to."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from paper.api.policy import PaperKeys
from paper.clock import VenueClock
from paper.engine.accounts import open_account
from paper.engine.changes import Changes
from paper.engine.venue import Venue
from paper.storage.people import load_people
from paper.storage.reign import Reign, begin_reign
from paper.storage.state import restore
from paper.storage.trail import StoredTrail
from paper.users.directory import Directory
from paper.users.joining import Application, delete, grant, register
from paper.users.key_commands import Wanted, make_key, note_use, revoke_key
from paper.users.profiles import update
from paper.users.records import AuditEntry, KeyKind, Record, Role, User
from paper.users.sessions import log_in, refresh
from sql.connect import connect
from sql.vault import Secret, Vault, open_vault
from tests.paper.api.site import MASTER_KEY
from tests.paper.users.people import HASH, NOW, ORIGIN, SIGNER, WEEK
from tests.postgres import Database, Server, open_database
from tests.venue import MARKET


@dataclass(kw_only=True)
class Stored:
    """A platform's people in memory, with a journal in Postgres."""

    database: Database
    reign: Reign
    venue: Venue
    vault: Vault
    directory: Directory
    written: list[Record]

    def do(self, records: tuple[Record, ...]) -> None:
        """Write what a command decided."""
        self.directory.apply(records)
        self.venue.write(Changes(records=records))
        self.written.extend(records)
        if len(self.written) % 2:  # what changes in one group is one row, what changes later is another's place
            self.flush()

    def join(self, email: str) -> User:
        """Somebody new."""
        asked = Application(email=email, password="", name='A "quoted" \\ náme, {NULL}')
        user, records = register(asked, HASH, ORIGIN, NOW)
        self.directory.apply(records)
        open_account(self.venue, str(user.id), NOW, str(user.id), records)
        self.written.extend(records)
        return user

    def flush(self) -> Directory:
        """Who is in the database."""
        self.venue.journal.flush()  # type: ignore[attr-defined]
        return Directory(load_people(self.reign.db))


@pytest.fixture(scope="module")
def stored(server: Server) -> Iterator[Stored]:
    with open_database(server) as database:
        reign = begin_reign(database.paper_url, lambda: None)
        venue = restore(reign, MARKET, VenueClock(NOW, follows=False)).venue
        yield Stored(
            database=database,
            reign=reign,
            venue=venue,
            vault=open_vault(PaperKeys(data_dir=Path(), master_key=Secret(MASTER_KEY))),
            directory=Directory(),
            written=[],
        )
        reign.db.close()


def test_what_commands_did_comes_back(stored: Stored) -> None:
    mine, do = stored.directory, stored.do
    ann, bob, eve = (stored.join(f"{name}@example.com") for name in ("ann", "bob", "eve"))
    tokens, records = log_in(mine, SIGNER, ann, "", ORIGIN, NOW)
    do(records)
    next_tokens, records = refresh(mine, SIGNER, tokens.refresh, ORIGIN, NOW)
    do(records)
    wanted = Wanted(label='a "label"', kind=KeyKind.HMAC, may_trade=True, addresses=("203.0.113.0/24", "2001:db8::/32"))
    key, _, records = make_key(mine, stored.vault, ann, wanted, ORIGIN, NOW)
    do(records)
    public = replace(wanted, kind=KeyKind.ED25519, public_key=bytes(range(32)), may_trade=False, addresses=())
    other, _, records = make_key(mine, stored.vault, bob, public, ORIGIN, NOW)
    do(records)
    do(note_use(key, NOW))
    do(grant(mine, bob.email, Role.ADMIN, ORIGIN, NOW)[1])
    do(log_in(mine, SIGNER, bob, "", ORIGIN, NOW)[1])
    do(update(mine, ann, {"email": "anna@example.com", "date_of_birth": NOW.date()}, HASH + "x", ORIGIN, NOW)[1])
    do(delete(mine, eve, ORIGIN, NOW))
    theirs = stored.flush()

    for user in (ann, bob, eve):
        assert theirs.user(user.id) == mine.user(user.id) and theirs.keys_of(user.id) == mine.keys_of(user.id)
        assert list(theirs.tokens_of(user.id)) == list(mine.tokens_of(user.id))
    assert theirs.key(key.key) == mine.key(key.key) and theirs.key(other.key) == other
    assert theirs.user_of_email("ANNA@example.com") and not theirs.user_of_email("eve@example.com")
    assert next_tokens and theirs.user_of_email("ann@example.com") is None
    do(revoke_key(mine, bob, other.key, ORIGIN, NOW))
    do(log_in(mine, SIGNER, bob, "", ORIGIN, NOW + WEEK)[1])
    theirs = stored.flush()
    assert theirs.key(other.key) is None and list(theirs.tokens_of(bob.id)) == list(mine.tokens_of(bob.id))
    assert len(list(theirs.tokens_of(bob.id))) == 1


def test_a_start_knows_accounts_and_people_alike(stored: Stored) -> None:
    user = stored.join("kept@example.com")
    stored.flush()
    again = restore(stored.reign, MARKET, VenueClock(NOW, follows=False)).venue

    assert {name: one.uid for name, one in again.accounts.items()} == {
        name: one.uid for name, one in stored.venue.accounts.items()
    }
    assert dict(again.ledger.holdings(str(user.id), "spot")) == {"USDT": 10_000}


def test_the_trail_is_read_as_who_asks(stored: Stored) -> None:
    one, two = stored.join("one@example.com"), stored.join("two@example.com")
    stored.flush()
    trail = StoredTrail(stored.database.paper_reader_url, stored.venue.accounts)
    mine = asyncio.run(trail.read(one.id, None, 100))
    everything = asyncio.run(trail.read(None, None, 1_000))
    part = asyncio.run(trail.read(None, everything[1][0], 2))
    trail.close()
    entries = [record for record in stored.written if isinstance(record, AuditEntry)]

    assert [entry for _, entry in mine] == [entry for entry in entries if entry.user == one.id]
    assert [entry for _, entry in everything] == entries[::-1] and part == everything[2:4]
    assert two.id in {entry.user for _, entry in everything}


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("owner", "update audit_logs set actor = 'x'"),
        ("owner", "delete from audit_logs"),
        ("paper", "update audit_logs set actor = 'x'"),
        ("paper", "delete from audit_logs"),
        ("paper", "truncate audit_logs"),
    ],
)
def test_the_trail_can_only_be_added_to(stored: Stored, role: str, statement: LiteralString) -> None:
    stored.flush()
    with connect(getattr(stored.database, f"{role}_url"), name="test", schema="paper") as db:
        with pytest.raises(psycopg.Error) as refused:
            db.execute(statement)
    assert refused.value.sqlstate in ("P0001", "42501")


def test_who_reads_without_an_account_sees_nobody(stored: Stored) -> None:
    stored.flush()
    with connect(stored.database.paper_reader_url, name="test", schema="paper", read_only=True) as db:
        assert db.execute("select count(*) as n from audit_logs").fetchall() == [{"n": 0}]
        for table in ("users", "refreshtokens", "api_keys"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(f"select * from {table}")


def test_an_address_that_goes_from_one_to_another_within_a_group(stored: Stored) -> None:
    one, two = stored.join("first@example.com"), stored.join("second@example.com")
    stored.flush()
    written = stored.venue.journal.write
    for user, changes in (
        (two, {"name": "Two"}),
        (one, {"email": "third@example.com"}),
        (two, {"email": "first@example.com"}),
        (one, {"email": "second@example.com"}),
    ):
        known = stored.directory.user(user.id)
        assert known
        _, records = update(stored.directory, known, changes, "", ORIGIN, NOW)
        stored.directory.apply(records)
        written(Changes(records=records))
        stored.written.extend(records)
    theirs = stored.flush()

    assert [theirs.user(user.id) for user in (one, two)] == [stored.directory.user(user.id) for user in (one, two)]


def test_one_address_is_one_users_in_the_database_too(stored: Stored) -> None:
    stored.join("same@example.com")
    stored.flush()
    with (
        connect(stored.database.owner_url, name="test", schema="paper") as db,
        pytest.raises(psycopg.errors.UniqueViolation),
    ):
        db.execute(
            """
            insert into accounts (id, name, created_at) values (1000, 'another', now());
            insert into users
            select gen_random_uuid(), 1000, 'SAME@example.com', email_folded, name, date_of_birth, password, role,
              is_verified, is_deleted, password_updated_at, secret_token, secret_token_created_at, created_at, updated_at
            from users
            where email = 'same@example.com'
            """
        )
