"""What a reader's address can be wrong about.

BadChoice   a parameter that means nothing (400)
NotThere    an account, chart or page that does not exist (404)
"""


class BadChoice(ValueError):
    """A parameter that means nothing; the message says what is possible."""


class NotThere(LookupError):
    """Something that does not exist; the message says where to go."""
