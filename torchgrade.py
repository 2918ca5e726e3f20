"""Where the program `grade` starts: it sees that the `grader` it runs is its own.

On PyPI `grader` and `grade` are other projects. Where one of them lies over this program's files,
or before them on the path, nothing of this program need be there to say so; so this file stands
beside the package, under the name of the distribution.
"""

import importlib
import importlib.util
import os
import sys

DISTRIBUTION = "torchgrade"
MODULE, COMMAND = "grader", "grade"
USAGE = 2

ANOTHER = {
    "en": (
        "grade: the `{module}` found here, {place}, is another project's{which}.",
        "Remove that, and install this program again, with: pip install --force-reinstall ...",
    ),
    "zh": (
        "grade：这里的 `{module}`（{place}）属于另一个项目{which}。",
        "请先移除它，再重新安装本程序：pip install --force-reinstall ……",
    ),
}


def main() -> None:
    """The program. Where its package is another project's, it says so and ends with exit code 2."""
    refuse_another()
    from grader.__main__ import main as run

    run()


def refuse_another() -> None:
    """Say so in two lines and leave with exit code 2 where `grader` is another project's."""
    place = another()
    if place is None:
        return
    names = [name for name, what in others() if f"`{MODULE}`" in what]
    which = f" ({', '.join(names)}: pip uninstall {names[0].partition(' ')[0]})" if names else ""
    locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    lines = ANOTHER["zh" if locale.startswith("zh") else "en"]
    text = "\n".join(lines).format(module=MODULE, place=place, which=which)
    encoding = sys.stderr.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=sys.stderr)
    raise SystemExit(USAGE)


def another() -> str | None:
    """Where the `grader` lies that Python imports here, if it is not this program's."""
    spec = importlib.util.find_spec(MODULE)
    if spec is None:
        return None
    try:
        module = importlib.import_module(MODULE)
    except Exception:  # whatever it lacks, it is not this program's, which needs nothing
        module = None
    if getattr(module, "DISTRIBUTION", None) == DISTRIBUTION:
        return None
    return spec.origin or MODULE


def others() -> list[tuple[str, str]]:
    """What else is installed that has this program's module or its command: name and version of
    each, and which of the two it has."""
    from importlib.metadata import distributions

    found = {}
    for each in distributions():
        name = each.metadata["Name"] or ""
        if name.lower().replace("_", "-") == DISTRIBUTION:
            continue
        has = []
        listed = f"\n{each.read_text('RECORD') or ''}\n{each.read_text('SOURCES.txt') or ''}"
        if f"\n{MODULE}/__init__.py" in listed or f"\n{MODULE}.py" in listed:
            has.append(f"`{MODULE}`")
        if any(p.group == "console_scripts" and p.name == COMMAND for p in each.entry_points):
            has.append(f"the command `{COMMAND}`")
        if has:
            found[f"{name} {each.version}"] = " and ".join(has)
    return sorted(found.items())


if __name__ == "__main__":
    main()
