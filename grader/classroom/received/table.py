"""A CSV table that somebody made by hand or with a spreadsheet: its rows, with their lines."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError


@dataclass(frozen=True)
class Read:
    """The headings of a table, small and without spaces around them, and its rows by these; each
    row with the number of its line."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]


def read(path: Path) -> Read:
    """The table in a file, with commas or, as spreadsheets write it in many countries, semicolons
    between its cells. UsageError where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            delimiter = ";" if ";" in first and "," not in first else ","
            table = csv.DictReader(file, delimiter=delimiter)
            headings = tuple(name.strip().lower() for name in table.fieldnames or ())
            return Read(headings, tuple(_rows(table, headings)))
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}.") from None
    except UnicodeDecodeError:
        raise UsageError(
            f"{path} is no table in UTF-8.", "Save it as CSV in UTF-8, and name that file."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV table: {error}.") from None


def _rows(
    table: "csv.DictReader[str]", headings: tuple[str, ...]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    for row in table:
        values = [row[name] for name in table.fieldnames or ()]
        cells = ((value or "").strip() for value in values)
        yield table.line_num, dict(zip(headings, cells, strict=True))
