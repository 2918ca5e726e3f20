"""What a person who watches sees: a page, and below it a footer of two lines."""

from collections.abc import Callable, Sequence

from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

Block = Callable[[Console], None]
FOOTER_LINES = 2


def block(content: RenderableType) -> Block:
    """A part of a page that rich can print."""

    def show(console: Console) -> None:
        console.print(content, highlight=False, markup=False)

    return show


class Screen:
    """Pages on a console. On a terminal each takes the place of the one before, and the footer is
    kept up to date; in a pipe, and on a terminal that can do no more, everything follows on.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._is_live = console.is_terminal and not console.is_dumb_terminal
        self._blocks: list[Block] = []
        self._status = Text()
        self._keys = Text()
        self._footer = 0  # the lines of it that stand there

    def page(self, *blocks: Block) -> None:
        """Show these instead of what is there."""
        self._blocks = list(blocks)
        if self._is_live:
            self.redraw()
            return
        for each in blocks:
            each(self._console)

    def add(self, new: Block) -> None:
        """Show this below the page that is there."""
        self._blocks.append(new)
        self._lift()
        new(self._console)
        if self._is_live:
            self._stand(self._status, self._keys)

    def foot(self, status: Text, keys: Sequence[tuple[str, str]]) -> None:
        """Say how things are, and which keys do what: pairs of a key and a word."""
        words = Text("   ").join(
            Text.assemble((key, "bold cyan"), f" {word}") for key, word in keys
        )
        self._lift()
        if self._is_live:
            self._status, self._keys = status, words
            self._stand(status, words)
            return
        self._console.print(status, highlight=False)
        if words != self._keys:
            self._keys = words
            self._console.print(words, highlight=False)

    def progress(self, status: Text) -> None:
        """Say for a moment how far things are; only where it can be replaced afterwards."""
        if self._is_live:
            self._lift()
            self._stand(status, self._keys)

    def redraw(self) -> None:
        """Paint the page and its footer again, as after a change of the window's size."""
        if not self._is_live:
            return
        self._console.clear()
        self._footer = 0
        for each in self._blocks:
            each(self._console)
        self._stand(self._status, self._keys)

    def leave(self) -> None:
        """Take the footer away, and go on below the page."""
        self._lift()

    def _stand(self, *lines: Text) -> None:
        """Print the footer; the cursor stays in its last line."""
        shown = [line for line in lines if line]
        for number, line in enumerate(shown):
            end = "" if number == len(shown) - 1 else "\n"
            self._console.print(line, no_wrap=True, overflow="ellipsis", highlight=False, end=end)
        self._footer = len(shown)

    def _lift(self) -> None:
        """Take the footer away."""
        if self._footer:
            self._console.control(
                Control(
                    ControlType.CARRIAGE_RETURN,
                    (ControlType.ERASE_IN_LINE, 2),
                    *[
                        code
                        for _ in range(self._footer - 1)
                        for code in ((ControlType.CURSOR_UP, 1), (ControlType.ERASE_IN_LINE, 2))
                    ],
                )
            )
        self._footer = 0
