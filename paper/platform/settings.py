"""Which database the platform has."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sql import embedded
from sql.connect import connect
from sql.errors import SettingsFault
from sql.migrate import migrate
from sql.settings import read_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Of the database: of the engine that writes, and of who reads histories."""

    engine: str = field(repr=False)
    reader: str = field(repr=False)


@contextmanager
def open_database(environment: Mapping[str, str]) -> Iterator[Addresses]:
    """The database of PAPER_DATABASE_URL, else the embedded one of DATA_DIR, which runs and is up to date for the time of the
    block. Raises SettingsFault, ClusterError, SchemaMismatch.
    """
    engine = read_secret(environment, "PAPER_DATABASE_URL")
    reader = read_secret(environment, "PAPER_READER_DATABASE_URL")
    if bool(engine) != bool(reader):
        raise SettingsFault(
            "PAPER_DATABASE_URL and PAPER_READER_DATABASE_URL belong together: the addresses of portfolio_paper and of "
            "portfolio_paper_reader; without both the embedded database is used."
        )
    if engine:
        yield Addresses(engine=engine, reader=reader)
        return
    data_dir = Path(environment.get("DATA_DIR", "").strip() or "data")
    with embedded.attached(data_dir):
        with connect(embedded.url(data_dir, "owner"), name="migrate") as owner:
            migrate(owner)
        yield Addresses(engine=embedded.url(data_dir, "paper"), reader=embedded.url(data_dir, "paper_reader"))
