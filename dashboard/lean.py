"""The libraries that draw, imported without their documentation and without parts that no chart of ours needs: 8 MiB less.

What they compile to so is kept beside them, as `python -OO` would keep it: the first start after an installation compiles, or
`python -m dashboard.lean` does. Where nothing may be written beside them they are imported as usual.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER, LazyLoader, cache_from_source
from marshal import dumps, loads
from pathlib import Path
from types import CodeType, ModuleType

LIBRARIES = frozenset({"dateutil", "fontTools", "matplotlib", "mpl_toolkits", "numpy", "PIL", "pyparsing"})
UNNEEDED: dict[
    str, dict[str, object]
] = {  # what they import at once, for charts in space and for tests of those who use them
    "mpl_toolkits.mplot3d": {"Axes3D": type("Axes3D", (), {"name": "3d"})},
    "pyparsing.testing": {"pyparsing_test": None},
}
LATER = frozenset({"fontTools.agl"})  # imported by what prints PDF and TeX: read when it is first used
WITHOUT_WORDS = 2  # the level of optimisation that drops them


def import_leanly() -> None:
    """Have LIBRARIES imported so from now on, in this process."""
    for name, content in UNNEEDED.items():
        part = ModuleType(name, "Left out: see dashboard/lean.py.")
        part.__dict__.update(content)
        sys.modules.setdefault(name, part)
    sys.meta_path.insert(0, _Finder())


class _Finder:
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Where a library's module is, and who loads it; None for others."""
        if name.partition(".")[0] not in LIBRARIES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and type(spec.loader) is SourceFileLoader:
            loader = _Loader(spec.loader.name, spec.loader.path)
            spec.loader = LazyLoader(loader) if name in LATER else loader
        return spec


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        """Its code without words, from beside it or compiled and kept there; else the usual one."""
        place, stats = cache_from_source(self.path, optimization=WITHOUT_WORDS), self.path_stats(self.path)
        times = (int(number) & 0xFFFFFFFF for number in (stats["mtime"], stats["size"]))
        head = MAGIC_NUMBER + bytes(4) + b"".join(number.to_bytes(4, "little") for number in times)
        kept = _read(place)
        if kept.startswith(head):
            code: CodeType = loads(kept[len(head) :])  # noqa: S302  # Python's own way to keep code
            return code
        if not _may_keep(place):
            return super().get_code(fullname)
        made = compile(self.get_data(self.path), self.path, "exec", dont_inherit=True, optimize=WITHOUT_WORDS)
        self.set_data(place, head + dumps(made))
        return made


def _may_keep(place: str) -> bool:
    folder = next(one for one in Path(place).parents if one.exists())
    return not sys.dont_write_bytecode and os.access(folder, os.W_OK | os.X_OK)


def _read(place: str) -> bytes:
    try:
        return Path(place).read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    import_leanly()
    import dashboard.app  # noqa: F401  # all that a page needs
