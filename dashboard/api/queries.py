"""What a request may ask: the parameters, their bounds in the OpenAPI document, and what they mean."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from dashboard.display import read_display
from dashboard.errors import BadChoice
from dashboard.periods import CALENDAR, EPOCH, Period
from dashboard.tables import LAST
from dashboard.view import View, read_view

Day = Annotated[
    str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), WithJsonSchema({"type": "string", "format": "date"})
]
Time = Annotated[str, Field(max_length=40), WithJsonSchema({"type": "string", "format": "date-time"})]
AccountName = Annotated[str, Field(min_length=1, max_length=60)]
Text = Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x1f]*$")]
ExchangeName = Literal["binance", "bitget", "gate", "mexc"]
WindowName = Literal["1h", "1d", "1w"]


class Parameters(BaseModel):
    """Parameters; one that is not known is refused, because a mistyped name would silently change the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Chosen(Parameters):
    """A portfolio or an account."""

    portfolio: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] | None = Field(
        None, description="A portfolio's key; all is every account. Usually that, or the only account."
    )
    account: AccountName | None = Field(
        None, description="Instead of a portfolio: an account's number or label; 0 is portfolio=all."
    )
    exchange: ExchangeName | None = Field(
        None, description="Of these the account at this exchange, if there is but one."
    )

    is_filtered: ClassVar[bool] = False  # whether rows are picked by their exchange, however many accounts are there

    @property
    def view(self) -> View:
        """The same choice of a page's reader. Raises BadChoice."""
        given = {"portfolio": self.portfolio, "account": self.account}
        return self.at_exchange(read_view({name: value for name, value in given.items() if value is not None}))

    def at_exchange(self, view: View) -> View:
        """A view of the account at the exchange that is asked for."""
        return view if self.is_filtered else replace(view, exchange=self.exchange or "")


class Dated(Chosen):
    """A portfolio or account and a benchmark, and dates instead of a named period."""

    first: Day | None = Field(None, alias="from", description="First day of a period, UTC; before `period`.")
    last: Day | None = Field(None, alias="to", description="Last day of a period, UTC, included.")
    benchmark: Annotated[str, Field(pattern=r"^[\w .-]{1,60}$")] | None = Field(None, description="Usually hold.")

    def read(self, period: str) -> View:
        """The same choice of a page's reader, who picked that period. Raises BadChoice."""
        parameters = {
            "portfolio": self.portfolio,
            "account": self.account,
            "from": self.first,
            "to": self.last,
            "benchmark": self.benchmark,
        }
        given = {name: str(value) for name, value in parameters.items() if value is not None}
        return self.at_exchange(read_view({"period": period} | given))


class Shown(Dated):
    """A portfolio or account, a period and a benchmark, as the pages have them."""

    period: Literal["24h", "7d", "30d", "90d", "ytd", "1y", "all"] = Field("all", description="Ends now.")

    @property
    def view(self) -> View:
        """The same choice of a page's reader. Raises BadChoice."""
        return self.read(self.period)


class Measured(Dated):
    """The same, also of the calendar's present day, week or month."""

    period: Literal["24h", "7d", "30d", "90d", "ytd", "1y", "all", "daily", "weekly", "monthly", "all_time"] = Field(
        "all",
        description="Ends now. daily, weekly and monthly are the calendar's, UTC, weeks from Monday on; all_time is all.",
    )

    @property
    def view(self) -> View:
        """The same choice of a page's reader. Raises BadChoice."""
        if self.period not in CALENDAR:
            return self.read("all" if self.period == "all_time" else self.period)
        view = self.read("all")
        return view if view.period.key == "dates" else replace(view, period=Period(key=self.period))


class Read(Shown):
    """A moment of a chart, as a page draws it."""

    at: Time = Field(description="ISO 8601; without an offset it is UTC. The nearest point of the chart is read.")
    scale: Literal["money", "percent"] = Field("money", description="Of the chart of values.")
    trade: Annotated[str, Field(max_length=80)] = Field(
        "", description="Of the chart of a trade: its id. Usually the last."
    )
    currency: Literal["USDT", "USDC", "EUR", "BTC", "ETH"] = Field("USDT", description="What amounts are in.")
    zone: Annotated[str, Field(max_length=40)] = Field("UTC", description="Of the clock: Europe/Prague.")

    @property
    def view(self) -> View:
        """The same choice of a page's reader. Raises BadChoice."""
        display = read_display(self.currency, self.zone)
        return replace(super().view, scale=self.scale, trade=self.trade, display=display)


class Listed(Shown):
    """A page of a list."""

    limit: Annotated[int, Field(ge=1, le=2000)] = Field(500, description="Most rows of an answer.")
    cursor: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="`next_cursor` of the page before."
    )


class Between(Parameters):
    """A stretch of time, both ends included."""

    start_time: Time | None = Field(None, description="ISO 8601; without an offset it is UTC. Usually a week ago.")
    end_time: Time | None = Field(None, description="ISO 8601. Usually now.")
    limit: Annotated[int, Field(ge=1, le=5000)] = Field(1000, description="Most rows of an answer.")


class ADay(Chosen):
    """The end of a day."""

    date: Day = Field(description="The day, UTC; its end is 00:00 of the next day.")
    benchmark: Annotated[str, Field(pattern=r"^[\w .-]{1,60}$")] | None = Field(None, description="Usually hold.")


def read_time(text: str | None, name: str) -> datetime | None:
    """An ISO time, kept within what can be stored. Raises BadChoice."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(moment, EPOCH), LAST)
    except (ValueError, OverflowError):
        raise BadChoice(f"{name} is a time like 2026-03-01T00:00:00Z.") from None
