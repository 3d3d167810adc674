"""What a dialect refuses with."""

from typing import Any


class Refusal(Exception):
    """An answer with a code, or a label, and words; the dialect says in which envelope."""

    def __init__(
        self,
        code: int | str,
        message: str,
        status: int = 400,
        headers: dict[str, str] | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}
        self.data = data  # what it says beside its words
