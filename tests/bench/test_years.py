"""An hour looks at no more rows and pages, however long the history behind it is."""

from bench.cycle import RUN
from bench.stage import Stage, open_stage
from bench.years import count_touched

LONG = 1_500
SHORTEN = (
    "delete from {} where hour < (select max(hour) from nav_history) - interval '1 day'",
    "vacuum analyze {}",
)


def test_a_run_looks_at_no_more_rows_after_a_long_history() -> None:
    def measure(stage: Stage) -> tuple[float, float]:
        stage.forget_hour()
        _, rows, pages = count_touched(stage, lambda: stage.run(*RUN))
        return rows, pages

    with open_stage(hours=LONG) as stage:
        stage.run(*RUN)  # the key is looked at once a day, not now
        rows_later, pages_later = measure(stage)
        for table in ("explanations", "benchmark_history", "nav_history"):
            for statement in SHORTEN:
                stage.db.execute(statement.format(table))
        rows, pages = measure(stage)

    assert rows_later < 1.2 * rows
    assert pages_later < 1.2 * pages
