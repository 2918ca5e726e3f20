"""Numbers as people read them: as short as a cell needs, or long enough to tell two apart."""

import math
import re

MOST_CHARACTERS = 6  # of a number in a cell

Scalar = float | int | bool | str  # a complex number is text


def brief(value: Scalar, *, signed: bool = False) -> str:
    """A number as short as a cell needs it."""
    if isinstance(value, bool | str):
        return str(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    sign = "+" if signed else ""
    whole = isinstance(value, int) or 999.5 <= abs(value) < 99_999.5
    for spec in (*((".0f",) if whole else (".3g", ".2g")), ".1e", ".0e"):
        text = re.sub(r"e\+?(-?)0*", r"e\1", f"{value:{sign}{spec}}")
        if len(text) <= MOST_CHARACTERS:
            break
    return text


def full(value: Scalar) -> str:
    """A number in as many digits as it has."""
    return repr(value) if isinstance(value, float) else str(value)


def apart(*values: Scalar) -> tuple[str, ...]:
    """Numbers with as many digits as tell them apart, six at least."""
    for digits in (6, 9, 12):
        texts = tuple(f"{v:.{digits}g}" if isinstance(v, float) else str(v) for v in values)
        if len(set(texts)) == len(set(values)):
            return texts
    return tuple(map(full, values))
