"""A report as one HTML file with its charts inside, and as PDF on A4 sheets."""

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from textwrap import wrap

from matplotlib.figure import Figure

from dashboard.charts.canvas import LIGHT, finish
from dashboard.exports.report import Grid, Picture, Report
from dashboard.render import TEMPLATES
from look import figures
from look.pages import STYLE

SHEET = (11.69, 8.27)  # inches: A4, landscape
PRINTED = replace(LIGHT, text="#000000", width=SHEET[0])
LEFT, RIGHT, TOP, FOOT = 0.06, 0.94, 0.88, 0.09  # of the sheet
LINE = 0.024  # of the sheet's height
CHARACTERS = 150  # in a line of a table
LONGEST_CELL = 86
SMALLEST_CELL = 8


def print_html(report: Report, now: datetime) -> bytes:
    """The report as one file that needs no other."""
    pictures = [
        (picture, f"data:image/svg+xml;base64,{base64.b64encode(finish(picture.draw(LIGHT))).decode()}")
        for picture in report.pictures
    ]
    template = TEMPLATES.get_template("report.html")
    return template.render(report=report, pictures=pictures, sheet=STYLE.decode(), now=now).encode()


def print_pdf(report: Report, now: datetime) -> bytes:
    """The report as PDF: the answer, a sheet for each chart, then the tables."""
    from matplotlib.backends.backend_pdf import PdfPages  # 10 MB that only a printed report needs

    file = io.BytesIO()
    with PdfPages(file, metadata={"Title": report.title, "CreationDate": now, "Creator": "Portfolio monitor"}) as pdf:
        for number, sheet in enumerate(_sheets(report), start=1):
            sheet.text(LEFT, 0.04, f"{report.title}. Made {figures.utc(now)}.", fontsize=7, color=PRINTED.faint)
            sheet.text(RIGHT, 0.04, str(number), fontsize=7, color=PRINTED.faint, ha="right")
            pdf.savefig(sheet)
    return file.getvalue()


def _sheets(report: Report) -> Iterator[Figure]:
    cover = Figure(figsize=SHEET)
    cover.text(LEFT, 0.80, "\n".join(wrap(report.title, 60)), fontsize=13, color=PRINTED.faint, va="top")
    cover.text(LEFT, 0.70, "\n".join(wrap(report.answer, 46)), fontsize=26, family="serif", va="top")
    cover.text(LEFT, 0.32, "\n".join(line for note in report.notes for line in wrap(note, 120)), fontsize=10, va="top")
    yield cover
    for picture in report.pictures:
        yield _chart_sheet(picture)
    tables = _Tables()
    for grid in report.grids:
        tables.write(grid)
    yield from tables.sheets


def _chart_sheet(picture: Picture) -> Figure:
    sheet = picture.draw(PRINTED)
    sheet.set_size_inches(*SHEET)
    for axes in sheet.axes:
        axes.set_position((LEFT + 0.02, 0.24, 0.80, 0.60))
    sheet.text(LEFT, TOP, picture.title, fontsize=16, family="serif")
    sheet.text(LEFT, 0.16, "\n".join(wrap(picture.words, 140)), fontsize=9, color=PRINTED.faint, va="top")
    return sheet


class _Tables:
    """Sheets with tables below each other; a table that does not fit goes on with its head repeated."""

    def __init__(self) -> None:
        self.sheets: list[Figure] = []
        self._y = 0.0

    def write(self, grid: Grid) -> None:
        """Write a table below the one before."""
        widths = _widths(grid)
        rows = [_wrap_row(row, widths) for row in grid.rows] or [[["none"]]]
        self._begin(grid, widths, grid.title, max(map(len, rows[0])))
        for row in rows:
            if not self._has_room(max(map(len, row))):
                self._turn()
                self._begin(grid, widths, f"{grid.title}, continued", max(map(len, row)))
            self._y = _write_row(self.sheets[-1], row, self._y, widths, grid.words, PRINTED.text)
        if grid.note:
            lines = wrap(grid.note, CHARACTERS)
            if not self._has_room(len(lines)):
                self._turn()
            self.sheets[-1].text(LEFT, self._y, "\n".join(lines), fontsize=8, color=PRINTED.faint, va="top")
            self._y -= len(lines) * LINE
        self._y -= 3 * LINE

    def _begin(self, grid: Grid, widths: Sequence[int], title: str, lines: int) -> None:
        if not self._has_room(lines + 4):
            self._turn()
        self.sheets[-1].text(LEFT, self._y, title, fontsize=15, family="serif", va="top")
        head = [[name] for name in grid.head]
        self._y = _write_row(self.sheets[-1], head, self._y - 2 * LINE, widths, grid.words, PRINTED.faint)

    def _has_room(self, lines: int) -> bool:
        return self._y - lines * LINE > FOOT

    def _turn(self) -> None:
        self.sheets.append(Figure(figsize=SHEET))
        self._y = TOP + 0.04


def _widths(grid: Grid) -> list[int]:
    """Characters of each column: what it needs, the widest cut until all fit."""
    longest = [max(len(row[index]) for row in [grid.head, *grid.rows]) + 3 for index in range(len(grid.head))]
    widths = [min(max(length, SMALLEST_CELL), LONGEST_CELL) for length in longest]
    while sum(widths) > CHARACTERS:
        widths[widths.index(max(widths))] -= 1
    return widths


def _wrap_row(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    return [wrap(cell, width - 2) or [""] for cell, width in zip(row, widths, strict=True)]


def _write_row(
    sheet: Figure, cells: Sequence[Sequence[str]], top: float, widths: Sequence[int], words: frozenset[int], colour: str
) -> float:
    """Write a row's cells below `top`; returns where the next row begins."""
    unit = (RIGHT - LEFT) / CHARACTERS
    place = 0
    for index, lines in enumerate(cells):
        at_left = index in words
        x = LEFT + unit * (place if at_left else place + widths[index] - 2)
        sheet.text(x, top, "\n".join(lines), fontsize=8, color=colour, va="top", ha="left" if at_left else "right")
        place += widths[index]
    return top - LINE * max(map(len, cells)) - LINE / 4
