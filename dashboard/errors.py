"""Why a reader is not answered with what was asked for.

BadChoice   a parameter that can't be what it is (400)
NotThere    an account, chart or page that does not exist (404)
Busy        others are being answered; later it works (503)
GivenUp     nobody waits for the answer any more
"""


class BadChoice(ValueError):
    """A parameter with an impossible value; the message says what is possible."""


class NotThere(LookupError):
    """Something that does not exist; the message says where to go."""


class Busy(Exception):
    """Too much is asked for at once; the message says what to do."""


class GivenUp(Exception):
    """Nobody waits for the answer any more."""
