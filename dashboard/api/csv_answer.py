"""What a route answers as a file: all of it, from one state of the database, made when its turn has come."""

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from dashboard.api.replies import facts_of, require_account
from dashboard.fields import Shape
from dashboard.files.answer import FileAnswer
from dashboard.files.csv_file import write_csv
from dashboard.frame import Frame
from dashboard.view import View
from sql.rows import Db

CSV = "text/csv; charset=utf-8"
WHY = "reasons"  # of what is unknown: in a file that is empty


async def send_csv(
    request: Request, view: View, shape: type[Shape], rows: Callable[[Db, Frame], Iterator[Mapping[str, Any]]]
) -> Response:
    """The rows of a view, each with the names of `shape`. Raises NotThere without any account, and what `rows` raises."""
    facts, columns = facts_of(request), [name for name in shape.model_fields if name != WHY]

    def make(on_wait: Callable[[], None]) -> Generator[bytes, None, None]:
        with facts.reading(view, on_wait) as (db, frame):
            yield from write_csv(columns, rows(db, require_account(frame)))

    name = request.url.path.removeprefix("/api/").replace("/", "-")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return FileAnswer(facts.turns, make, media_type=CSV, headers=headers)
