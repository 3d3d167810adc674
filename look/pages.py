"""Templates over the base template, and the static files they link to by an address that changes with their content."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from look import figures
from look.coins import coin

HERE = Path(__file__).parent
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
STATIC: Mapping[str, bytes] = {path.name: path.read_bytes() for path in sorted((HERE / "static").iterdir())}
STYLE = STATIC["style.css"]
DAY, ONE_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})"), Markup('<span class="day">{}</span>')


def find_type(name: str) -> str:
    """The media type of a static file."""
    return TYPES[Path(name).suffix]


def static(name: str) -> str:
    """The address of a static file; it changes when the file does, so that browsers may store it for long."""
    return f"/static/{name}?v={hashlib.sha256(STATIC[name]).hexdigest()[:12]}"


def unbroken(text: str) -> Markup:
    """A text whose days stand in one line each: browsers break them at their hyphens."""
    return Markup("").join(ONE_LINE.format(part) if n % 2 else part for n, part in enumerate(DAY.split(text)))


def make_environment(templates: Path) -> Environment:
    """Templates of a folder, and beside them those that all pages share, with the filters of `look.figures`."""
    environment = Environment(
        loader=FileSystemLoader([templates, HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: getattr(figures, name) for name in figures.FILTERS})
    environment.filters |= {"coin": coin, "unbroken": unbroken}
    environment.globals.update(static=static)
    return environment
