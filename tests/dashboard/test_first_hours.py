"""What pages show before there is a history: what is known, what comes next, and how far the rebuilding is."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.history.rebuildings import Rebuilding
from dashboard.progress import describe_progress, find_next_reading
from sql.connect import connect
from tests.dashboard.site import Site
from tests.dashboard.test_pages import text
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

NOW = datetime(2026, 9, 4, 14, 10, tzinfo=UTC)
CHART = "/charts/light/values.svg"


def rebuilding(
    label: str = "main", percent: int = 41, seconds_left: int | None = 350, reason: str = "", ago: int = 5
) -> Rebuilding:
    return Rebuilding(
        account_id=1,
        label=label,
        month=datetime(2026, 8, 1, tzinfo=UTC),
        percent=percent,
        seconds_left=seconds_left,
        is_finished=False,
        reason=reason,
        changed_at=NOW - timedelta(seconds=ago),
        first=datetime(2026, 9, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("shown", "heading"),
    [
        (rebuilding(), "main: rebuilding 2026-08: 41 %, about 6 min"),
        (rebuilding(percent=97, seconds_left=9), "main: rebuilding 2026-08: 97 %, less than a minute"),
        (rebuilding(percent=0, seconds_left=None), "main: rebuilding 2026-08: 0 %"),
        (rebuilding(ago=600), "main: rebuilding 2026-08: goes on after the next run"),
        (
            rebuilding(ago=600, reason="the exchange did not answer."),
            "main: rebuilding 2026-08: goes on after the next run, because the exchange did not answer",
        ),
    ],
)
def test_how_far_it_is_stands_in_one_line(shown: Rebuilding, heading: str) -> None:
    progress = describe_progress([shown], NOW)

    assert progress and progress.heading.replace("\N{NARROW NO-BREAK SPACE}", " ") == heading
    assert progress.text.endswith("History reaches back to 2026-09-01 00:00 UTC so far.")
    assert (progress.percent is None) is ("goes on" in heading)


def test_of_many_accounts_the_one_at_work_is_named_and_the_others_counted() -> None:
    progress = describe_progress([rebuilding(), *(rebuilding(f"other {n}", ago=60 + n) for n in range(3))], NOW)

    assert progress and progress.heading.startswith("main: ")
    assert progress.text.endswith("3 more accounts are not finished.")
    assert describe_progress([], NOW) is None


@pytest.mark.parametrize(
    ("now", "reading"), [("14:10", "15:02"), ("14:01", "14:02"), ("14:02", "15:02"), ("23:59", "00:02")]
)
def test_the_next_reading_is_two_minutes_past_the_hour(now: str, reading: str) -> None:
    moment = datetime.fromisoformat(f"2026-09-04T{now}+00:00")

    assert f"{find_next_reading(moment):%H:%M}" == reading


def test_before_the_first_hour_and_after_it_a_page_says_what_is_known_and_what_comes_next(
    site: Site, worker: Worker, venue: RunningVenue
) -> None:
    page = site.get("/")
    assert page.status_code == 200 and "no complete hour yet" in page.text and "What comes next" in page.text
    for path in ("/flows", "/orders"):
        assert "Look at all time" not in site.get(f"{path}?period=all").text
        assert "Look at all time" in site.get(f"{path}?period=7d").text

    worker.run(venue.now())
    page = site.get("/")
    assert "What comes next" in page.text and "The next reading is at 2026-03-01 02:02 UTC" in text(page.text)
    assert "opening" in page.text and "ETH" in page.text and "/charts/" not in page.text
    assert site.get(CHART).status_code == 404
    assert site.get("/performance").status_code == site.get("/explain").status_code == 200
    assert site.get("/export/report.html").status_code == 200

    venue.advance(hours=1)
    worker.run(venue.now())
    page = site.get("/")
    assert "What comes next" not in page.text and "/charts/" in page.text and site.get(CHART).status_code == 200


CHARTS = (
    "allocation",
    "values",
    "difference",
    "waterfall",
    "causes",
    "drawdown",
    "rolling",
    "volatility",
    "distribution",
)


@pytest.mark.usefixtures("first_hour")
def test_after_one_hour_no_page_draws_an_empty_chart_and_none_is_broken(
    site: Site, worker: Worker, venue: RunningVenue
) -> None:
    """Shares of one hour were an axis from 2025 to 2028; addresses of charts without anything to draw were bare 500s."""

    for path in ("/", "/performance", "/explain", "/holdings", "/accounts"):
        page = site.get(path).text
        assert "/charts/" not in page and "between 2026-03-01 01:00 UTC and 2026-03-01 01:00 UTC" not in page, path
    for name in CHARTS:
        assert site.get(f"/charts/light/{name}.svg").status_code == 404, name


@pytest.mark.usefixtures("first_hour")
def test_while_history_is_rebuilt_every_page_says_how_far_it_is(
    site: Site, worker: Worker, venue: RunningVenue, database: Database
) -> None:
    assert "rebuilding" not in site.get("/").text
    write = """
        insert into rebuildings (account_id, month, percent, seconds_left, changed_at)
        values (1, '2026-02-01T00:00Z', 41, 350, %(now)s)
        on conflict (account_id) do update set percent = 58, is_finished = %(finished)s, reason = 'nothing is older'
    """
    with connect(database.worker_url, name="test") as db:
        db.execute(write, {"now": venue.now(), "finished": False})
        for path in ("/", "/holdings", "/accounts"):
            assert "test: rebuilding 2026-02: 41" in site.get(path).text
        assert '<progress max="100" value="41"' in site.get("/").text
        db.execute(write, {"now": venue.now(), "finished": False})
        assert "rebuilding 2026-02: 58" in site.get("/").text  # at once, though the data's version is the same
        assert "2026-02 comes next" in site.get("/accounts").text
        db.execute(write, {"now": venue.now(), "finished": True})
    assert "rebuilding" not in site.get("/").text
    assert "nothing: nothing is older" in site.get("/accounts").text
