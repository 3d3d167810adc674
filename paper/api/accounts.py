"""Routes of joining: a registration, and the roles that whoever runs the platform grants."""

from typing import Any

from paper.api.bodies import Field
from paper.api.operations import Access, Answer, Asked, Operation
from paper.api.profiles import describe
from paper.users.fields import read_day, read_email, read_password, read_text, read_token
from paper.users.joining import Application, check_application, grant, register
from paper.users.records import Role

EMAIL = Field(read=read_email, schema={"type": "string", "format": "email"})
NAME = Field(read=read_text)
DAY = Field(read=read_day, is_needed=False, schema={"type": ["string", "null"], "format": "date"})
PASSWORD = Field(read=read_password, schema={"type": "string", "minLength": 10, "maxLength": 1_024})
REGISTRATION = {
    "email": EMAIL,
    "password": PASSWORD,
    "name": NAME,
    "date_of_birth": DAY,
    "invitation": Field(read=read_token, is_needed=False),
}


async def join(asked: Asked) -> Answer:
    """POST /api/users/register"""
    membership = asked.membership
    application = Application(**asked.values)
    directory, signer, is_open = membership.directory, membership.signer, membership.policy.is_open
    check_application(directory, signer, application, is_open=is_open, now=asked.now)
    hashed = await membership.passwords.hash(application.password)
    now = membership.now()
    check_application(
        directory, signer, application, is_open=is_open, now=now
    )  # meanwhile somebody else may have joined
    user, records = register(application, hashed, asked.origin, now)
    membership.open_account(user, records, now)
    return 201, describe(user)


async def change_role(asked: Asked) -> Answer:
    """POST /api/users/roles, for admins and for whoever has the platform's master key"""
    user, records = grant(
        asked.membership.directory, asked.values["email"], asked.values["role"], asked.origin, asked.now
    )
    asked.membership.write(records)
    return 200, describe(user)


def _read_role(value: Any) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise ValueError(f"is none of {', '.join(Role)}") from None


ROLE = Field(read=_read_role, schema={"type": "string", "enum": list(Role)})
OPERATIONS = (
    *(
        Operation(
            method="POST", path=path, answer=join, access=Access.OPEN, body=REGISTRATION, status=201, is_counted=True
        )
        for path in ("/api/users/register", "/api/users")
    ),
    Operation(
        method="POST",
        path="/api/users/roles",
        answer=change_role,
        access=Access.ADMIN,
        body={"email": EMAIL, "role": ROLE},
    ),
)
