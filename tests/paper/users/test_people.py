"""Commands about people: who may join, what a profile's change does, what leaving ends, and what the trail says of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper.users.audit import MASK, OPERATOR
from paper.users.directory import Directory
from paper.users.fields import fold_email, read_day, read_email, read_text
from paper.users.joining import Application, check_application, delete, grant
from paper.users.profiles import check_update, needs_password, update
from paper.users.records import AuditEntry, Record, Role
from paper.users.refusals import Absent, Conflict, Forbidden, Invalid, Refused, Unknown
from paper.users.sessions import authenticate, refresh
from paper.users.signed_tokens import Type
from tests.paper.users.people import HASH, HOUR, NOW, ORIGIN, SIGNER, join, sign_in

SPELLINGS = [
    "Ann@Example.com",
    "ann@example.COM",
    "\uff21nn@example.com",
    "ANN@EXAMPLE.COM",
    "\U0001d468nn@example.com",
]


def apply_for(directory: Directory, email: str, invitation: str = "", *, is_open: bool = True) -> type[Refused] | None:
    asked = Application(email=email, password="", name="Ann", invitation=invitation)
    try:
        check_application(directory, SIGNER, asked, is_open=is_open, now=NOW)
    except Refused as refused:
        return type(refused)
    return None


@pytest.mark.parametrize("email", SPELLINGS)
def test_an_address_is_one_users_however_it_is_spelled(email: str) -> None:
    directory = Directory()
    ann = join(directory)

    assert directory.user_of_email(email) == ann and apply_for(directory, read_email(email)) is Conflict
    directory.apply(delete(directory, ann, ORIGIN, NOW))
    assert directory.user_of_email(email) is None and apply_for(directory, read_email(email)) is None


@given(st.text(max_size=20))
def test_folding_an_address_again_changes_nothing(text: str) -> None:
    assert fold_email(fold_email(text)) == fold_email(text)


def test_letters_that_are_written_in_two_ways_are_the_same() -> None:
    assert fold_email("STRASSE@example.com") == fold_email("straße@example.com")


def test_an_invitation_is_for_one_address_and_a_week() -> None:
    directory = Directory()
    invitation = SIGNER.sign(Type.INVITATION, fold_email("Ann@example.com"), NOW)
    old = SIGNER.sign(Type.INVITATION, "ann@example.com", NOW - timedelta(days=7))
    access = SIGNER.sign(Type.ACCESS, "ann@example.com", NOW)

    assert apply_for(directory, "ANN@example.com", invitation, is_open=False) is None
    for email, shown in (("bob@example.com", invitation), ("ann@example.com", old), ("ann@example.com", access)):
        assert apply_for(directory, email, shown, is_open=False) is Forbidden
    join(directory)
    assert apply_for(directory, "ann@example.com", invitation, is_open=False) is Conflict


@pytest.mark.parametrize(
    "wrong",
    [None, 7, "", "ann", "@", "a@", "@b", "a@b@c", "a b@c.d", "a@b..c", "a@.b", f"{'a' * 65}@b.c", f"a@{'b' * 253}",
     "a\n@b.c", "a@b.c\0", "a@b\u202e.c", "\ud800@b.c", "a,b@c.d"],
)  # fmt: skip
def test_what_is_no_address(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"e-mail|text|char"):
        read_email(wrong)


@pytest.mark.parametrize(
    "wrong", [7, "", "1990-1-31", "1990-02-30", "0990-01-01", "19900131", "1990-01-31T00:00", "１990-01-31", []]
)
def test_what_is_no_day(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"day|1900"):
        read_day(wrong)
    assert (read_day("1990-01-31"), read_day(None)) == (date(1990, 1, 31), None)


@given(st.text(max_size=120))
def test_a_name_that_is_taken_can_be_shown_and_kept(text: str) -> None:
    try:
        name = read_text(text)
    except ValueError:
        return
    assert "\0" not in name and name.encode() and 0 < len(name) <= 100


def shown(directory: Directory, token: str) -> bool:
    try:
        authenticate(directory, SIGNER, token, NOW)
    except Unknown:
        return False
    return True


def refreshes(directory: Directory, token: str) -> bool:
    try:
        return refresh(directory, SIGNER, token, ORIGIN, NOW)[0] is not None
    except Unknown:
        return False


def test_a_password_ends_every_session_and_leaves_those_of_others() -> None:
    directory = Directory()
    ann, bob = join(directory), join(directory, "bob@example.com")
    tokens, others = [sign_in(directory, ann), sign_in(directory, ann)], sign_in(directory, bob)
    user, records = update(directory, ann, {"password": "new"}, HASH[:-1] + "B", ORIGIN, NOW)
    directory.apply(records)

    assert not any(shown(directory, one.access) or refreshes(directory, one.refresh) for one in tokens)
    assert shown(directory, others.access) and refreshes(directory, others.refresh)
    assert shown(directory, sign_in(directory, user).access) and user.password_updated_at == NOW


def test_deletion_ends_every_session() -> None:
    directory = Directory()
    ann = join(directory)
    tokens = sign_in(directory, ann)
    directory.apply(delete(directory, ann, ORIGIN, NOW))

    assert not shown(directory, tokens.access) and not refreshes(directory, tokens.refresh)
    assert directory.user(ann.id) is None


@pytest.mark.parametrize(
    ("changes", "is_guarded"),
    [({"name": "Anna"}, False), ({"email": "a@b.c"}, True), ({"password": "x"}, True), ({}, False)],
)
def test_what_matters_asks_for_the_password(changes: dict[str, Any], is_guarded: bool) -> None:
    assert needs_password(changes) == is_guarded


def test_what_a_profile_takes() -> None:
    directory = Directory()
    ann = replace(join(directory), is_verified=True)
    directory.apply([ann])
    join(directory, "bob@example.com")
    day = date(1990, 1, 31)
    user, records = update(directory, ann, {"email": "anna@example.com", "date_of_birth": day}, "", ORIGIN, NOW + HOUR)
    directory.apply(records)

    assert (user.email, user.date_of_birth, user.is_verified, user.updated_at) == (
        "anna@example.com",
        day,
        False,
        NOW + HOUR,
    )
    assert directory.user_of_email("ann@example.com") is None and directory.user_of_email("anna@example.com") == user
    assert update(directory, user, {"name": user.name}, "", ORIGIN, NOW + 2 * HOUR) == (user, ())
    check_update(directory, user, {"email": "ANNA@example.com"}, NOW)
    with pytest.raises(Conflict):
        check_update(directory, user, {"email": "BOB@example.com"}, NOW)
    with pytest.raises(Invalid):
        check_update(directory, user, {"date_of_birth": NOW.date() + timedelta(days=1)}, NOW)


def trail(records: tuple[Record, ...]) -> list[AuditEntry]:
    return [one for one in records if isinstance(one, AuditEntry)]


def test_the_trail_says_what_changed_and_no_secret() -> None:
    directory = Directory()
    ann = join(directory)
    changes = {"name": "Anna", "password": "new password"}
    user, records = update(
        directory, ann, changes, HASH[:-1] + "B", replace(ORIGIN, agent="bad\nagent" + "x" * 400), NOW
    )
    (entry,) = trail(records)

    assert entry.old_values and entry.new_values
    assert (entry.old_values["name"], entry.new_values["name"]) == ("Ann", "Anna")
    assert (entry.old_values["password"], entry.new_values["password"]) == (MASK, MASK)
    assert "email" not in entry.new_values and (entry.user, entry.actor, entry.table) == (ann.id, str(ann.id), "users")
    assert "\n" not in entry.agent and len(entry.agent) <= 300
    assert not any(secret in repr(entry) for secret in (HASH, user.password, user.secret_token, ann.secret_token))


def test_a_role_is_granted_by_the_operator_and_said() -> None:
    directory = Directory()
    ann, operator = join(directory), replace(ORIGIN, actor=OPERATOR)
    user, records = grant(directory, "ANN@example.com", Role.ADMIN, operator, NOW)
    directory.apply(records)
    (entry,) = trail(records)

    assert (user.role, user.id, entry.actor, entry.action) == (Role.ADMIN, ann.id, OPERATOR, "grant")
    assert (entry.old_values, entry.new_values) == ({"role": "user"}, {"role": "admin"})
    assert grant(directory, "ann@example.com", Role.ADMIN, operator, NOW) == (user, ())
    with pytest.raises(Absent):
        grant(directory, "nobody@example.com", Role.ADMIN, operator, NOW)
