"""A script with the call that failed, as it travels from the judge to who writes it down. A leaf.

Whoever reads one holds no torch.
"""

from dataclasses import dataclass

PREFIX = "debug_"  # of its name, before the stem of the student's file


@dataclass(frozen=True)
class Script:
    """One failing call as code that runs beside the student's file, or in a notebook's kernel.

    `name` is that of its file, without a suffix; `title` is the property's and `message` what it
    said. `text` is the script's own, without the
    line that says whose it is. `tensors`: what `torch.load` makes the larger ones of, empty where
    all of them stand in the text. `hangs`: the call does not come back by itself.
    """

    name: str
    property: str
    title: str
    message: str
    text: str
    tensors: bytes = b""
    hangs: bool = False
