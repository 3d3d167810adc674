"""What can go wrong with the database. Messages say what was tried and what to do, and never hold a password."""


class DatabaseAway(Exception):
    """The server did not answer in time, or refused the connection."""


class AddressFault(DatabaseAway):
    """The database's address can't be read, or leads to a server that is too old: trying again changes nothing."""


class SchemaMismatch(Exception):
    """The database has another schema than the program."""


class ClusterError(Exception):
    """The embedded server can't be made, started or stopped."""


class UsageFault(Exception):
    """What was asked for can't be done; the message says what can."""


class SettingsFault(UsageFault):
    """A setting that can't be used; the message names it."""


class CredentialsError(UsageFault):
    """A stored key cannot be opened with this master key."""
