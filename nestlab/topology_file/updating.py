"""Updates a file in place: only differences are changed; comments and order are kept."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from nestlab.model.plain import Plain
from nestlab.topology_file.item_removal import matched_items
from nestlab.topology_file.key_types import Kind, ListOf, MapOf, Shape
from nestlab.topology_file.writing import fits_on_a_line, is_leaf, is_plain, scalar

_ITEM = re.compile(r"^( *)[\w ]+:[^\S\n]*(?:#.*)?\n(?:[^\S\n]*(?:#.*)?\n)*( *)- ", re.MULTILINE)


def updated(text: str, old: Plain, new: Plain, kind: Shape) -> str:
    """Return `text`, which means `old`, changed to mean `new`; line ends are line feeds.

    Raises ruamel's YAMLError.
    """
    yaml = _round_trip(text)
    tree = yaml.load(text)
    _update_mapping(tree, old, new, kind)
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _round_trip(text: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415  # only saving needs it

    yaml = YAML()
    yaml.Resolver = _text_resolver()
    yaml.preserve_quotes = True
    yaml.width = 1 << 16
    match = _ITEM.search(text)
    offset = len(match[2]) - len(match[1]) if match else 2
    yaml.indent(mapping=2, sequence=max(offset, 0) + 2, offset=max(offset, 0))
    yaml.explicit_start = text.lstrip().startswith("---")
    return yaml


@cache
def _text_resolver() -> Any:
    from ruamel.yaml.nodes import ScalarNode  # noqa: PLC0415
    from ruamel.yaml.resolver import VersionedResolver  # noqa: PLC0415
    from ruamel.yaml.tag import Tag  # noqa: PLC0415

    class TextResolver(VersionedResolver):
        """Keeps every plain scalar as text, so that unchanged ones are written as they were."""

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            if kind is ScalarNode:
                return Tag(
                    suffix="tag:yaml.org,2002:merge" if value == "<<" else "tag:yaml.org,2002:str"
                )
            return super().resolve(kind, value, implicit)

    return TextResolver


def _update_mapping(
    tree: Any, old: Mapping[str, Plain], new: Mapping[str, Plain], shape: Shape
) -> None:
    for name in [
        name for name in tree if name in shape.by_name and name in old and name not in new
    ]:
        del tree[name]
    order = [key.name for key in shape.keys]
    for name, value in new.items():
        kind = shape.by_name[name].value_kind
        if name in tree and name in old:
            _update_value(tree, name, old[name], value, kind)
        elif name in tree:
            tree[name] = _fresh(name, value)  # it had its default so far
        else:
            before = [
                present
                for present in tree
                if present in order and order.index(present) < order.index(name)
            ]
            place = list(tree).index(before[-1]) + 1 if before else 0
            in_flow = tree.fa.flow_style()
            fresh = _fresh(name, value, in_flow=in_flow)
            tree.insert(min(place, len(tree)), _fresh("", name, in_flow=in_flow), fresh)


def _update_value(tree: Any, name: Any, old: Plain, new: Plain, kind: Kind) -> None:
    if old == new:
        return
    current = tree[name]
    if isinstance(kind, MapOf):
        kind = kind.shape(*old, *new)
    if isinstance(kind, Shape) and isinstance(current, dict) and current:
        _update_mapping(current, old, new, kind)
    elif (
        isinstance(kind, ListOf)
        and isinstance(current, list)
        and isinstance(kind.item, Shape)
        and len(current) == len(old)
    ):
        _update_list(current, old, new, kind.item, str(name))
    else:
        tree[name] = _fresh(str(name), new, in_flow=tree.fa.flow_style())


def _update_list(tree: Any, old: list[Plain], new: list[Plain], shape: Shape, name: str) -> None:
    """Keep the items that remain, remove the others, and add new ones, in the new order."""
    pairs = matched_items(old, new)
    present: list[int | None] = list(range(len(old)))
    for index in reversed(range(len(old))):
        if index not in pairs:
            del tree[index]
            del present[index]
    for index, (pair, item) in enumerate(zip(pairs, new, strict=True)):
        if pair is None:
            tree.insert(index, _fresh(name, item, in_flow=tree.fa.flow_style()))
            present.insert(index, None)
            continue
        position = present.index(pair)
        if position != index:
            tree.insert(index, tree.pop(position))
            present.insert(index, present.pop(position))
        _update_value(tree, index, old[pair], item, shape)


def _fresh(key: str, value: Plain, *, in_flow: Any = False) -> Any:
    """Return a value that is not in the file yet, as ruamel's tree, in the style of `writing`."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq  # noqa: PLC0415
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString  # noqa: PLC0415

    if isinstance(value, dict):
        small = not value or (
            key not in ("vms", "nested")
            and is_leaf(value)
            and fits_on_a_line(key, value, str(value))
        )
        mapping = CommentedMap(
            (_fresh("", name, in_flow=in_flow), _fresh(name, item, in_flow=in_flow or small))
            for name, item in value.items()
        )
        if small or in_flow:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        items = CommentedSeq([_fresh(key, item, in_flow=in_flow) for item in value])
        if in_flow or not any(isinstance(item, dict) for item in value):
            items.fa.set_flow_style()
        return items
    if not isinstance(value, str):
        return scalar(value, flow=True)
    if is_plain(value, flow=bool(in_flow)):
        return value
    return (
        SingleQuotedScalarString(value) if value.isprintable() else DoubleQuotedScalarString(value)
    )
