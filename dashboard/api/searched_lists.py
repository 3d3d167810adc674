"""Lists of trading, a page at a time in any of their orders, or what contains a text; each also as CSV with the same filters."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field, create_model

from dashboard.api import shapes
from dashboard.api.csv_answer import send_csv
from dashboard.api.lists import turn_page
from dashboard.api.queries import ExchangeName, Shown, Text
from dashboard.api.replies import may_say, reply_framed
from dashboard.api.trade_places import read_listed_place, write_listed_place
from dashboard.frame import Frame
from dashboard.history.orders import STATES
from dashboard.history.searched_tables import TABLES as SEARCHED
from dashboard.history.searched_tables import Search, load_found, stream_found, take_place
from dashboard.periods import EPOCH
from dashboard.tables import LAST, TABLES, Table, begin
from sql.rows import Db

router = APIRouter()
PATHS = {
    "orders": "/orders",
    "fills": "/fills",
    "fees": "/fees",
    "flows": "/flows",
    "transfers": "/transfers",
    "income": "/income",
    "daily-snapshots": "/portfolio/daily",
    "explanations": "/explanations",
}


class Wanted(Shown):
    """Rows of a list that what is shown has itself: at an exchange those of the account there."""

    q: Text = Field("", description="A text within symbols, coins, ids, kinds, labels or notes of a row.")
    sort: str = ""

    @property
    def is_usual(self) -> bool:
        """Whether all rows are wanted in the usual order."""
        return not (
            self.q or (self.exchange and self.is_filtered) or self.sort != type(self).model_fields["sort"].default
        )


class WantedOfAccounts(Wanted):
    """Rows of a list that accounts have."""

    is_filtered = True
    exchange: ExchangeName | None = Field(None, description="Only of accounts at this exchange.")


def _add_searched(table: Table, path: str) -> None:
    sorts = [*SEARCHED[table.name].sorts]
    sort = Field(sorts[0], description=f"One of {', '.join(sorts)}; with a minus from the largest.")
    own: dict[str, Any] = {"sort": (Annotated[str, Field(pattern=rf"^-?({'|'.join(sorts)})$")], sort)}
    if table.name == "orders":
        states = Field("all", description="open: what waits now, of whatever period.")
        own["state"] = (Literal["open", "filled", "all"], states)
    base = WantedOfAccounts if SEARCHED[table.name].exchange else Wanted
    files: Any = create_model(f"File{table.row_name}", __base__=base, **own)
    pages: Any = create_model(
        f"Page{table.row_name}",
        __base__=files,
        limit=(Annotated[int, Field(ge=1, le=2000)], Field(500, description="Most rows of an answer.")),
        cursor=(
            Annotated[str, Field(min_length=1, max_length=600)] | None,
            Field(None, description="`next_cursor` of the page before."),
        ),
    )

    def rows(request: Request, asked: Annotated[pages, Query()]) -> Response:
        return reply_framed(request, asked, asked.view, partial(_list, table=table, asked=asked))

    router.add_api_route(
        path,
        rows,
        name=table.name,
        summary=table.title,
        description=f"{table.row.__doc__} {path}.csv has all of them.",
        responses=may_say(shapes.Listing[table.row]),  # type: ignore[name-defined]  # made for each table
    )

    async def file(request: Request, asked: Annotated[files, Query()]) -> Response:
        return await send_csv(request, asked.view, table.row, partial(_stream, table=table, asked=asked))

    router.add_api_route(f"{path}.csv", file, name=f"{table.name} as CSV", include_in_schema=False)


def _find(frame: Frame, table: Table, asked: Wanted) -> Search:
    state = getattr(asked, "state", "all")
    stretch = replace(begin(table, frame), states=STATES[state])
    if state == "open":
        stretch = replace(stretch, at=EPOCH, until=LAST)
    exchange = asked.exchange if asked.is_filtered else None
    return Search(table=table.name, stretch=stretch, sort=asked.sort, find=asked.q, exchange=exchange or "")


def _stream(db: Db, frame: Frame, *, table: Table, asked: Wanted) -> Iterator[dict[str, object]]:
    yield from stream_found(db, _find(frame, table, asked))


def _list(db: Db, frame: Frame, *, table: Table, asked: Any) -> Any:
    search = _find(frame, table, asked)
    if asked.is_usual:  # the database goes on there without looking at what is before it
        return turn_page(db, table, search.stretch, asked)
    if asked.cursor:
        _, kind = SEARCHED[table.name].sorts[asked.sort.removeprefix("-")]
        place = read_listed_place(asked.sort, kind, asked.cursor, is_numbered=table.is_numbered)
        search = replace(search, after=place)
    found = load_found(db, search, asked.limit + 1)
    places = [take_place(row) for row in found]
    shown = found[: asked.limit]
    return shapes.Listing[table.row](  # type: ignore[name-defined]
        rows=[table.row(**row) for row in shown],
        next_cursor=write_listed_place(asked.sort, *places[len(shown) - 1]) if len(found) > len(shown) else None,
    )


for _name, _path in PATHS.items():
    _add_searched(TABLES[_name], _path)
