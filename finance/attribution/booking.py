"""By which rule an hour is booked."""

from enum import IntEnum


class Booking(IntEnum):
    """At which price an hour books quotes of fills, fees in third coins, income and costs."""

    CLOSING = 1  # the hour's
    MINUTE = 2  # that of the minute in which each of them happened
