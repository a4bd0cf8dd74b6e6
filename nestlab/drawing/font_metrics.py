"""Text widths without a font: advance widths of DejaVu Sans, in thousandths of an em.

DejaVu Sans is the widest of the usual sans-serif faces (Segoe UI, Helvetica, Arial are narrower),
so a box that fits these widths fits the text on every screen. It is also the font that comes with
matplotlib.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from nestlab.visible import visible, visible_line

_FIRST = 32  # the space; the tables end with "~"
# fmt: off
_REGULAR = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
)
_BOLD = (
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696,
    696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683,
    683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771,
    724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665,
    343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
)
# fmt: on
_OTHER = 700  # letters with accents, Greek, Cyrillic: the widest usual ones
_WIDE = 1100  # Chinese, Japanese, Korean and pictographs fill a square
_ELLIPSIS = "…"


@lru_cache(maxsize=8192)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line of text in pixels, at a font size in pixels.

    >>> text_width("HV1", 10), text_width("HV1", 10, bold=True) > text_width("HV1", 10)
    (20.72, True)
    """
    table = _BOLD if bold else _REGULAR
    return round(sum(_advance(character, table) for character in text) * size / 1000, 2)


def elide(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Return a text as one visible line of at most a width in pixels.

    It ends with an ellipsis where it was cut.

    >>> elide("a-very-long-machine-name", 10, 60)
    'a-very-lo…'
    """
    kept = visible_line(text)
    if text_width(kept, size, bold=bold) <= width:
        return kept
    while kept and text_width(kept + _ELLIPSIS, size, bold=bold) > width:
        kept = kept[:-1]
    return kept + _ELLIPSIS


def wrap(text: str, size: float, width: float) -> list[str]:
    """Break a text between words into lines of at most a width in pixels; a longer word is elided.

    >>> wrap("two lines of text", 10, 50)
    ['two lines', 'of text']
    """
    lines: list[str] = []
    for word in visible(text).split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, size) <= width:
            lines[-1] = joined
        else:
            lines.append(elide(word, size, width))
    return lines


def _advance(character: str, table: tuple[int, ...]) -> int:
    index = ord(character) - _FIRST
    if 0 <= index < len(table):
        return table[index]
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    return (
        0
        if unicodedata.combining(character)
        else _OTHER + 300
        if character == _ELLIPSIS
        else _OTHER
    )
