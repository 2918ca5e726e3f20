"""Which torches the project has been run with; docs/versions.md says what was seen. A leaf."""

OLDEST, NEWEST = (2, 6), (2, 14)
TRIED = " to ".join(f"{major}.{minor}" for major, minor in (OLDEST, NEWEST))
# What pip is asked for where marks depend on it: no other than those.
REQUIREMENT = f"torch>={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"


def is_tried(version: str) -> bool:
    """Whether the project has been run with a torch of this version, such as `2.13.0+cpu`."""
    numbers = version.split(".")[:2]
    return all(map(str.isdecimal, numbers)) and OLDEST <= tuple(map(int, numbers)) <= NEWEST
