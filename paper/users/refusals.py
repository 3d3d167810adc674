"""Why something is refused, in words for whoever asked."""

from collections.abc import Mapping


class Refused(Exception):
    """Something that was asked for is not done, and nothing has changed."""

    def __init__(self, message: str, action: str = "", code: int = 0) -> None:
        super().__init__(message)
        self.action = action  # what to do about it
        self.code = code  # the exchange's own, where its protocol has one for this


class Invalid(Refused):
    """What was sent can't be taken; `details` says why by field."""

    def __init__(self, details: Mapping[str, str], message: str = "Invalid input") -> None:
        super().__init__(message)
        self.details = dict(details)


class Unfit(Refused):
    """What was sent can be read, and can't be done."""


class Unknown(Refused):
    """Nobody has proven who he is, or not any more."""

    def __init__(self, message: str = "Authentication required") -> None:
        super().__init__(message)


class Forbidden(Refused):
    """Not for this role, or not without more proof."""


class Absent(Refused):
    """There is none, or it is somebody else's: both are said alike."""

    def __init__(self) -> None:
        super().__init__("Not found")


class Conflict(Refused):
    """It contradicts what there is."""


class TooMany(Refused):
    """Too often; after `seconds` it may be tried again."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Busy(Refused):
    """Too much at once; after `seconds` it may be tried again."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
