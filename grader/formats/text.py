"""Text that others wrote, made fit to go anywhere, and cut to what there is room for."""

from grader.language import say


def clean(text: str) -> str:
    """`text` without what would steer a terminal, or could not be written as UTF-8 or XML.

    Control characters, lone surrogates and marks of direction become U+FFFD, tabs spaces.
    """
    return "".join(c if c == "\n" or c.isprintable() else "\ufffd" for c in text.expandtabs(4))


def clip(text: str, most: int) -> str:
    """`text` in at most `most` characters; what is cut is said to be, where that has room."""
    if len(text) <= most:
        return text
    mark = "\n" + say("(cut: {count} characters in all)", count=len(text))
    kept = most - len(mark)
    return text[:kept] + mark if kept > 0 else text[: max(most, 0)]
