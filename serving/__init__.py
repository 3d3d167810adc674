"""The HTTP server that our programs share: uvicorn, with the deadlines and limits that it lacks."""

from serving.front import Limits
from serving.server import listen, make_server

__all__ = ["Limits", "listen", "make_server"]
