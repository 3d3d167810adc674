"""Refresh tokens: used once, a copy ends the family, two windows at once don't; by an auditor who remembers everything."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from paper.users.directory import Directory
from paper.users.records import RefreshToken
from paper.users.refresh_tokens import Standing, hash_token, issue_token, judge
from paper.users.refusals import Unknown
from paper.users.sessions import MOST_SESSIONS, authenticate, log_out, refresh
from tests.paper.users.people import HOUR, MOMENT, NOW, ORIGIN, SIGNER, WEEK, join, sign_in


@dataclass(eq=False)
class Session:
    """What the auditor knows of one login."""

    born: datetime
    texts: list[str] = field(default_factory=list)  # the newest is good, the others are used
    issued: list[datetime] = field(default_factory=list)
    has_ended: bool = False


class Refreshing(RuleBasedStateMachine):
    """Logins, refreshes with any token that there ever was, logouts, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.directory = NOW, Directory()
        self.user = join(self.directory).id
        self.sessions: list[Session] = []
        self.access = ""

    @rule()
    def log_in(self) -> None:
        user = self.directory.user(self.user)
        assert user
        tokens = sign_in(self.directory, user, self.now)
        self.sessions.append(Session(self.now, [tokens.refresh], [self.now]))
        self.access = tokens.access

    @rule(step=st.sampled_from([MOMENT, timedelta(seconds=10), timedelta(seconds=11), HOUR, timedelta(days=3), WEEK]))
    def wait(self, step: timedelta) -> None:
        self.now += step

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def refresh(self, data: st.DataObject) -> None:
        session = data.draw(st.sampled_from(self.sessions))
        place = data.draw(st.sampled_from([-1, -1, *range(len(session.texts))]))
        is_newest, text = place in (-1, len(session.texts) - 1), session.texts[place]
        is_over = session.has_ended or self.now >= session.issued[place] + WEEK
        used_at = None if is_newest else session.issued[place + 1]
        try:
            tokens, records = refresh(self.directory, SIGNER, text, ORIGIN, self.now)
        except Unknown:
            assert is_over or (used_at and self.now - used_at <= timedelta(seconds=10))
            return
        self.directory.apply(records)
        assert not is_over
        if tokens is None:
            assert used_at and self.now - used_at > timedelta(seconds=10)
            session.has_ended, self.access = True, ""
        else:
            assert is_newest
            session.texts.append(tokens.refresh)
            session.issued.append(self.now)
            self.access = tokens.access

    @precondition(lambda self: self.access)
    @rule()
    def log_out(self) -> None:
        try:
            shown = authenticate(self.directory, SIGNER, self.access, self.now)
        except Unknown:
            return
        ended = next(one for one in self.sessions if str(self.family(one)) == shown.claims.session)
        self.directory.apply(log_out(self.directory, shown, self.now))
        ended.has_ended = True
        with pytest.raises(Unknown):
            authenticate(self.directory, SIGNER, self.access, self.now)
        self.access = ""

    def family(self, session: Session) -> object:
        found = [self.directory.token(hash_token(text)) for text in session.texts]
        return next((token.family for token in found if token), None)

    @invariant()
    def a_family_has_at_most_one_good_token(self) -> None:
        good = [one for one in self.directory.tokens_of(self.user) if one.used_at is None]
        assert len({one.family for one in good}) == len(good)
        alive = [one for one in self.sessions if not one.has_ended and self.now < one.issued[-1] + WEEK]
        assert {one.hash for one in good if one.expires_at > self.now} == {hash_token(one.texts[-1]) for one in alive}


TestRefreshing = Refreshing.TestCase
TestRefreshing.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_of_many_at_once_one_gets_the_next_token() -> None:
    directory = Directory()
    text = sign_in(directory, join(directory)).refresh
    given = []
    for _ in range(20):
        try:
            tokens, records = refresh(directory, SIGNER, text, ORIGIN, NOW)
        except Unknown:
            continue
        directory.apply(records)
        given.append(tokens)

    assert len(given) == 1 and given[0]
    assert refresh(directory, SIGNER, given[0].refresh, ORIGIN, NOW)[0]


def test_only_a_hash_is_kept() -> None:
    directory = Directory()
    user = join(directory)
    text = sign_in(directory, user).refresh
    kept = directory.token(hash_token(text))

    assert isinstance(kept, RefreshToken) and len(text) == 43
    assert text not in f"{kept} {kept.hash}" and kept.hash not in repr(kept)


def test_memory_is_bounded_and_expired_tokens_are_forgotten() -> None:
    directory = Directory()
    user = join(directory)
    first = sign_in(directory, user).refresh
    for _ in range(MOST_SESSIONS):
        last = sign_in(directory, user).refresh
    with pytest.raises(Unknown):
        refresh(directory, SIGNER, first, ORIGIN, NOW)
    assert refresh(directory, SIGNER, last, ORIGIN, NOW)[0]

    sign_in(directory, user, NOW + WEEK)
    assert directory.token(hash_token(first)) is None and directory.token(hash_token(last)) is None
    assert len(list(directory.tokens_of(user.id))) == 1


def test_the_borders_of_time() -> None:
    _, token = issue_token(uuid4(), uuid4(), NOW)
    used, least = replace(token, used_at=NOW, replaced_by=uuid4()), timedelta(microseconds=1)

    assert (judge(token, NOW + WEEK - least), judge(token, NOW + WEEK)) == (Standing.GOOD, Standing.ENDED)
    assert judge(used, NOW + 10 * MOMENT) is Standing.REPEATED
    assert judge(used, NOW + 10 * MOMENT + least) is Standing.REUSED
