"""/api/alarms: what makes figures wrong or old now."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboard.api.queries import Parameters
from dashboard.api.replies import JSON, facts_of, may_say
from dashboard.fields import Moment, Shape

router = APIRouter()


class Alarm(Shape):
    """One that stands: what it says, the command that helps, and whether it is acknowledged."""

    kind: str
    account_ids: list[int]
    message: str
    command: str
    since: Moment
    acknowledged_at: Moment | None


class Alarms(Shape):
    """Every alarm that stands, the gravest first."""

    alarms: list[Alarm]


@router.get("/alarms", responses=may_say(Alarms), summary="Alarms")
def alarms(request: Request, asked: Annotated[Parameters, Query()]) -> Response:
    """Vanished coins, unexplained gains, old figures, refused keys and wallets that can't be read, of every account."""
    found = Alarms(
        alarms=[
            Alarm(
                kind=alarm.kind,
                account_ids=sorted(alarm.accounts),
                message=alarm.sentence,
                command=alarm.command,
                since=alarm.since,
                acknowledged_at=alarm.acknowledged_at,
            )
            for alarm in facts_of(request).alarms()
        ]
    )
    return Response(found.model_dump_json(), media_type=JSON, headers={"Cache-Control": "no-store"})
