"""All users, keys and live refresh tokens in memory, found by what they are asked for. It changes by records alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from paper.users.fields import fold_email
from paper.users.records import ApiKey, Record, RefreshToken, TokensForgotten, TradingConfig, TradingType, User
from paper.users.refusals import Absent


class Directory:
    """Who is who."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._users: dict[UUID, User] = {}
        self._ids: dict[str, UUID] = {}  # by folded e-mail address
        self._keys: dict[str, ApiKey] = {}
        self._keys_of: defaultdict[UUID, dict[str, None]] = defaultdict(dict)
        self._configs: dict[tuple[UUID, TradingType], TradingConfig] = {}
        self._tokens: dict[str, RefreshToken] = {}  # by hash, the oldest first: it is the first to expire
        self._tokens_of: defaultdict[UUID, dict[str, None]] = defaultdict(dict)
        self.apply(records)

    def apply(self, records: Iterable[Record]) -> None:
        """Take over what was made or changed."""
        for record in records:
            if isinstance(record, User):
                self._keep_user(record)
            elif isinstance(record, ApiKey):
                self._keys[record.key] = record
                self._keys_of[record.user][record.key] = None
            elif isinstance(record, RefreshToken):
                self._tokens[record.hash] = record
                self._tokens_of[record.user][record.hash] = None
            elif isinstance(record, TradingConfig):
                self._configs[record.user, record.trading_type] = record
            elif isinstance(record, TokensForgotten):
                self._forget_tokens(record.until)

    def user(self, id: UUID) -> User | None:
        """A user who is not deleted."""
        found = self._users.get(id)
        return found if found and not found.is_deleted else None

    def user_of_email(self, email: str) -> User | None:
        """The user with an e-mail address, however it is spelled."""
        found = self._ids.get(fold_email(email))
        return self._users[found] if found else None

    def key(self, key: str) -> ApiKey | None:
        """An API key that opens something."""
        found = self._keys.get(key)
        return found if found and not found.revoked_at else None

    def key_of(self, user: UUID, key: str) -> ApiKey:
        """A user's own live key. Raises Absent, for another's too."""
        found = self.key(key)
        if found is None or found.user != user:
            raise Absent
        return found

    def keys_of(self, user: UUID) -> list[ApiKey]:
        """A user's live keys, the oldest first."""
        return [self._keys[key] for key in self._keys_of.get(user, ()) if not self._keys[key].revoked_at]

    def config_of(self, user: UUID, type: TradingType) -> TradingConfig | None:
        """How a user trades; None: not that."""
        return self._configs.get((user, type))

    def token(self, hash: str) -> RefreshToken | None:
        """The refresh token with a hash."""
        return self._tokens.get(hash)

    def tokens_of(self, user: UUID, family: UUID | None = None) -> Iterator[RefreshToken]:
        """A user's refresh tokens that are not revoked, the oldest first; those of one family, or all."""
        for digest in self._tokens_of.get(user, ()):
            token = self._tokens[digest]
            if not token.is_revoked and family in (None, token.family):
                yield token

    def has_expired_tokens(self, now: datetime) -> bool:
        """Whether there is something to forget."""
        return bool(self._tokens) and self._oldest().expires_at <= now

    def _oldest(self) -> RefreshToken:
        return next(iter(self._tokens.values()))

    def _keep_user(self, user: User) -> None:
        before = self._users.get(user.id)
        if before and self._ids.get(fold_email(before.email)) == user.id:
            del self._ids[fold_email(before.email)]
        if not user.is_deleted:
            self._ids[fold_email(user.email)] = user.id
        self._users[user.id] = user

    def _forget_tokens(self, until: datetime) -> None:
        while self._tokens and self._oldest().expires_at <= until:
            token = self._oldest()
            del self._tokens[token.hash], self._tokens_of[token.user][token.hash]
