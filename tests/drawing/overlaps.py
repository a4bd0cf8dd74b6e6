"""What must not touch in a picture."""

from collections.abc import Iterator
from itertools import combinations, pairwise

from nestlab.drawing import Badge, Box, Layout, Line, SwitchBar, Text

Frame = tuple[float, float, float, float]


def frame(part: Box | SwitchBar | Text | Badge) -> Frame:
    if isinstance(part, Text):
        return part.x, part.y - 0.76 * part.size, part.x + part.width, part.y + 0.2 * part.size
    return part.x, part.y, part.x + part.width, part.y + part.height


def overlap(one: Frame, other: Frame, slack: float = 0.01) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > slack and down > slack


def inside(inner: Frame, outer: Frame) -> bool:
    return (
        inner[0] >= outer[0] - 0.01
        and inner[1] >= outer[1] - 0.01
        and inner[2] <= outer[2] + 0.01
        and inner[3] <= outer[3] + 0.01
    )


def segments(line: Line) -> Iterator[Frame]:
    for (x1, y1), (x2, y2) in pairwise(line.points):
        yield min(x1, x2) - 0.9, min(y1, y2) - 0.9, max(x1, x2) + 0.9, max(y1, y2) + 0.9


def faults(picture: Layout) -> list[str]:
    """Every overlap of a picture, in words."""
    return [*_boxes(picture), *_words(picture), *_lines(picture)]


def _boxes(picture: Layout) -> Iterator[str]:
    page = (0, 0, picture.width, picture.height)
    boxes = {box.id: box for box in picture.boxes}
    assert len(boxes) == len(picture.boxes), "every box has an id of its own"
    for box in picture.boxes:
        outer = frame(boxes[box.parent]) if box.parent else page
        if not inside(frame(box), outer):
            yield f"{box.id} sticks out of {box.parent or 'the page'}"
    siblings: dict[str, list[Box]] = {}
    for box in picture.boxes:
        siblings.setdefault(box.parent, []).append(box)
    bars: dict[str, list[SwitchBar]] = {}
    for bar in picture.bars:
        bars.setdefault(bar.machine, []).append(bar)
        if not inside(frame(bar), frame(boxes[bar.machine])):
            yield f"{bar.id} sticks out of its machine"
    for group, family in siblings.items():
        members: list[Box | SwitchBar] = [*family, *bars.get(group, [])]
        yield from (
            f"{a.id} overlaps {b.id}"
            for a, b in combinations(members, 2)
            if overlap(frame(a), frame(b))
        )


def _words(picture: Layout) -> Iterator[str]:
    words = [*picture.texts, *picture.badges]
    page = (0, 0, picture.width, picture.height)
    yield from (f"{word.text!r} leaves the page" for word in words if not inside(frame(word), page))
    yield from (
        f"{a.text!r} overlaps {b.text!r}"
        for a, b in combinations(words, 2)
        if overlap(frame(a), frame(b))
    )
    owners = {part.id: part for part in (*picture.boxes, *picture.bars)}
    for word in words:
        owner = owners.get(word.owner)
        if owner and not inside(frame(word), frame(owner)):
            yield f"{word.text!r} sticks out of {word.owner}"


def _lines(picture: Layout) -> Iterator[str]:
    words = [*picture.texts, *picture.badges]
    for line in picture.lines:
        for segment in segments(line):
            yield from (
                f"{line.id} runs over {word.text!r}"
                for word in words
                if overlap(segment, frame(word))
            )
            for box in picture.boxes:
                above = line.kind in ("adapter", "disconnected", "spine")
                if (
                    above
                    and box.kind not in ("host", "nested-host")
                    and overlap(segment, frame(box), 1)
                ):
                    yield f"{line.id} runs over {box.id}"
