"""Lists of stored rows, a page at a time, and whether the worker is alive."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboard.api import shapes
from dashboard.api.csv_answer import send_csv
from dashboard.api.queries import Listed, Parameters, Shown
from dashboard.api.replies import JSON, facts_of, may_say, reply_framed
from dashboard.frame import Frame
from dashboard.history.tables import Stretch, load_rows, stream_rows
from dashboard.tables import TABLES, Table, begin, read_cursor, write_cursor
from sql.rows import Db

router = APIRouter()
PATHS = {
    "flow-revisions": "/flows/revisions",
    "cross-checks": "/cross-checks",
    "history-changes": "/history/changes",
    "runs": "/runs",
    "logs": "/logs",
    "rates": "/rates",
}


def _add_list(table: Table, path: str) -> None:
    def rows(request: Request, asked: Annotated[Listed, Query()]) -> Response:
        return reply_framed(request, asked, asked.view, lambda db, frame: list_rows(db, frame, table, asked))

    router.add_api_route(
        path,
        rows,
        name=table.name,
        summary=table.title,
        description=table.row.__doc__,
        responses=may_say(shapes.Listing[table.row]),  # type: ignore[name-defined]  # made for each table
    )

    async def file(request: Request, asked: Annotated[Shown, Query()]) -> Response:
        return await send_csv(request, asked.view, table.row, lambda db, frame: _stream(db, table, frame))

    router.add_api_route(f"{path}.csv", file, name=f"{table.name} as CSV", include_in_schema=False)


def _stream(db: Db, table: Table, frame: Frame) -> Iterator[dict[str, object]]:
    with closing(stream_rows(db, table.name, begin(table, frame))) as rows:
        yield from rows


def list_rows(db: Db, frame: Frame, table: Table, asked: Listed) -> shapes.Listing:  # type: ignore[type-arg]
    """A page of a table's rows."""
    return turn_page(db, table, begin(table, frame), asked)


def turn_page(db: Db, table: Table, stretch: Stretch, asked: Listed) -> shapes.Listing:  # type: ignore[type-arg]
    """A page of a table's rows in their usual order, oldest first. Raises BadChoice for a cursor of another list."""
    if asked.cursor:
        at, number = read_cursor(table, asked.cursor)
        stretch = replace(stretch, at=at, id=number)
    rows = load_rows(db, table.name, replace(stretch, limit=asked.limit + 1))
    shown = rows[: asked.limit]
    return shapes.Listing[table.row](  # type: ignore[name-defined]
        rows=[table.row(**row) for row in shown],
        next_cursor=write_cursor(table, shown[-1]) if len(rows) > asked.limit else None,
    )


for _name, _path in PATHS.items():
    _add_list(TABLES[_name], _path)


@router.get("/health", responses=may_say(shapes.Health), summary="Whether the newest hour is fresh")
def health(request: Request, asked: Annotated[Parameters, Query()]) -> Response:
    """`ok`, or `late` with the reason; always 200, unlike /health, which answers 503 when it is late."""
    _, payload = facts_of(request).health()
    found = shapes.Health(
        status=payload["status"], newest_hour=payload["newest_hour"], reason=payload.get("reason", "")
    )
    return Response(found.model_dump_json(), media_type=JSON, headers={"Cache-Control": "no-store"})
