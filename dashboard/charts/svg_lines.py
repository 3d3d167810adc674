"""Lines of an SVG in fewer bytes: each point by how far it lies from the one before, exact to the same hundredth."""

import re
from functools import lru_cache

PLACE = r"-?[0-9]+(?:\.[0-9]+)?"
LINE = re.compile(rf"M ({PLACE}) ({PLACE})((?:L{PLACE} {PLACE})+)")


def shorten_lines(path: str) -> str:
    """The path with its lines drawn from point to point; what else is in it stays as it is."""
    return LINE.sub(_go_on, path)


def _go_on(line: re.Match[str]) -> str:
    places = [round(100 * float(place)) for place in (line[1], line[2], *line[3][1:].replace("L", " ").split())]
    written, before = [f"M{line[1]} {line[2]}l"], "l"
    for now, last in zip(places[2:], places, strict=False):
        distance = _write(now - last)
        # A number ends where a minus begins, and a second point; elsewhere a space has to say so.
        is_apart = before == "l" or distance[0] == "-" or (distance[0] == "." and "." in before)
        written.append(distance if is_apart else f" {distance}")
        before = distance
    return "".join(written)


@lru_cache(4096)
def _write(hundredths: int) -> str:
    whole, part = divmod(abs(hundredths), 100)
    text = f"{whole or ''}{f'.{part:02}'.rstrip('0') if part else ''}" or "0"
    return f"-{text}" if hundredths < 0 else text
