"""What can go wrong with the database. Messages say what was tried and what to do, and never hold a password."""


class DatabaseAway(Exception):
    """The server did not answer in time, or refused the connection."""


class SchemaMismatch(Exception):
    """The database has another schema than the program."""


class ClusterError(Exception):
    """The embedded server can't be made, started or stopped."""


class SettingsFault(Exception):
    """A setting that can't be used; the message names it."""
