"""What lies among hand-ins and is none: of systems, of editors, of the teacher's own."""

from pathlib import PurePosixPath

# In any folder, whatever case they are written in.
NAMES = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "#recycle", "$recycle.bin", "icon\r"}
    | {"lost+found", "system volume information", "grader.log"}
)
# Files beside the students' folders: what they begin with, and how tables, logs and links end.
BEGINNINGS = ("readme", "license", "gradebook.", "index.html")
ENDINGS = (".csv", ".tsv", ".xls", ".xlsx", ".ods", ".numbers", ".ini", ".db", ".sqlite3", ".log")
LINKS = (".lnk", ".url", ".webloc", ".tmp", ".bak", ".crdownload", ".part")


def is_litter(name: str, *, is_folder: bool) -> bool:
    """Whether an entry beside the students' is nobody's hand-in."""
    low = name.lower()
    if is_systems(name):
        return True
    if is_folder:
        return False
    suffix = PurePosixPath(low).suffix
    return suffix in ENDINGS + LINKS or (
        low.startswith(BEGINNINGS) and suffix not in (".py", ".ipynb")
    )


def is_systems(name: str) -> bool:
    """Whether a system left it, wherever it lies."""
    return name.lower() in NAMES
