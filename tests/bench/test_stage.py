"""The benches' stage is a real one: an hour recorded on it is complete, and can be recorded again."""

from bench.calls import longest_chain, weigh
from bench.cycle import RUN, record_hour
from bench.stage import open_stage


def test_an_hour_on_the_stage_is_complete_and_can_be_recorded_again() -> None:
    with open_stage(accounts=2, hours=3) as stage:
        stage.run(*RUN)
        record_hour(stage)

        rows = stage.db.execute(
            "select account_id, status from nav_history where hour = (select max(hour) from nav_history)"
        ).fetchall()
        assert {row["account_id"]: row["status"] for row in rows} == dict.fromkeys((0, 1, 2), "COMPLETE")
        assert stage.ask("/requests")


def test_calls_that_ran_side_by_side_are_one_link_of_the_chain() -> None:
    def call(began: float, ended: float, path: str = "/api/v3/time") -> dict[str, object]:
        return {"path": path, "began": began, "ended": ended, "weight": 1}

    calls = [call(0.0, 0.1), call(0.0, 0.12), call(0.13, 0.2), call(0.14, 0.5), call(0.21, 0.3)]

    assert longest_chain(calls) == 3
    assert weigh([*calls, call(1, 2, "/sapi/v1/capital/withdraw/history")]) == {
        "/api/v3/time": 5,
        "/sapi/v1/capital/withdraw/history": 18_000,
    }
