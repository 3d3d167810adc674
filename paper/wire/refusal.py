"""What a dialect refuses with."""


class Refusal(Exception):
    """An answer with a code, or a label, and words; the dialect says in which envelope."""

    def __init__(self, code: int | str, message: str, status: int = 400, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}
