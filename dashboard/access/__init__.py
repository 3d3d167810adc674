"""Who may look: the password and its hash, sessions, wrong tries, and the login that asks.

Nothing here is written anywhere: a session is a signed cookie, and what was tried wrong is forgotten at the next start.
"""

from dashboard.access.attempts import Attempts
from dashboard.access.login import THIS_MACHINE, Access, Login
from dashboard.access.password import hash_password
from dashboard.access.sessions import Sessions

__all__ = ["THIS_MACHINE", "Access", "Attempts", "Login", "Sessions", "hash_password"]
