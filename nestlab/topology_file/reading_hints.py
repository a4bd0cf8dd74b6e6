"""Hints of the reader: for mistyped words, and for values of the wrong type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nestlab.model.origin import KeyPath
from nestlab.texts import mark, tr, translate
from nestlab.topology_file.key_types import Key, ListOf, MapOf, Scalar, Shape
from nestlab.topology_file.nodes import ListNode, MappingNode, Node, ScalarNode
from nestlab.topology_file.secret_keys import is_account_name

MAX_SHOWN_LENGTH = 200  # characters of a value in a message


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is most similar to a mistyped one, or an empty string.

    The spelling of Hyper-V (MemoryStartup) matches too.

    >>> known = ["memory_startup", "name"]
    >>> nearest("MemoryStartup", known), nearest("memory_statup", known), nearest("x", known)
    ('memory_startup', 'memory_startup', '')
    """
    by_folded = {name.replace("_", "").casefold(): name for name in known}
    folded = word.replace("_", "").replace("-", "").casefold()
    from difflib import get_close_matches  # noqa: PLC0415  # only a wrong word needs it

    match = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[match[0]] if match else ""


def unquoted_placeholder_hint(node: Node) -> str:
    """Return the hint for a placeholder without quotes, which YAML reads as a mapping."""
    if isinstance(node, MappingNode) and len(node.pairs) == 1 and not node.merged:
        key, value = node.pairs[0]
        if isinstance(key, ScalarNode) and isinstance(value, ScalarNode) and not value.text:
            return tr("A placeholder needs quotes: '{{{key}}}'.", key=key.text[:MAX_SHOWN_LENGTH])
    return ""


def list_hint(node: Node, kind: ListOf) -> str:
    """Return the hint for a value where a list is expected: a list with this value."""
    if not isinstance(node, ScalarNode):
        return tr("Begin each item with '- '.")
    text = node.text[:MAX_SHOWN_LENGTH]
    if isinstance(kind.item, Scalar):
        return tr("Write {value}.", value=f"[{text}]")
    named = isinstance(kind.item, Shape) and any(key.name == "name" for key in kind.item.keys)
    if named:
        return tr("Write {value}.", value=f"[{{name: {text}}}]")
    return tr("Begin each item with '- '.")


CREDENTIAL_HINT = mark(
    "A topology file contains no account names or passwords. Write guest: {credential: NAME}, and give its value in the keyring, in the variable NESTLAB_CREDENTIAL_<NAME> (user:password), or when asked."
)
_WRITTEN_AS = {
    "vlan": "vlan: {access: 20}",
    "guest": "guest: {os: windows, credential: NAME}",  # not shown
    "dynamic_memory": "dynamic_memory: {minimum: 2GB, maximum: 8GB}",  # not shown
    "dhcp": "dhcp: {range: 10.0.0.100-10.0.0.200}",
    "nested": "nested: {}",
    "network_adapters": "network_adapters: [{switch: NAME}]",  # not shown
    "switches": "switches: [{name: NAME, switch_type: Internal}]",  # not shown
    "routes": "routes: [{to: 10.1.0.0/16, via: 10.0.0.2}]",
    "checks": "checks: [{from: NAME, to: internet, expect: reachable}]",  # not shown
    "uplinks": "uplinks: [{net_adapter: Ethernet, network: 192.0.2.0/24}]",  # not shown
}
"""How a mapping is written, by its key or that of the list that it is in."""


def unknown_key_hint(key: str, known: Sequence[str], *, is_topology: bool) -> str:
    """Return the hint for an unknown key: the most similar known key, and all known keys.

    For an account or a password in a topology, the hint is how to provide a credential.
    """
    if is_topology and is_account_name(key):
        return translate(CREDENTIAL_HINT)
    near = nearest(key[:MAX_SHOWN_LENGTH], known)
    guess = tr("Did you mean {word!r}?", word=near) if near else ""
    return f"{guess} {known_keys(known)}".lstrip()


def known_keys(names: Sequence[str]) -> str:
    """Return the sentence that lists the keys of a mapping."""
    return tr("Keys here: {names}.", names=", ".join(names))


def missing_key_hint(key: Key) -> str:
    """Return the hint for a mapping without a key that it needs."""
    kind = key.value_kind
    noun = kind.noun if isinstance(kind, Scalar | Shape) else tr("a list")
    if not key.unless:
        return tr("Add '{key}: ...', {noun}.", key=key.name, noun=noun)
    return tr(
        "Add '{key}: ...', {noun}; or {other}: true.", key=key.name, noun=noun, other=key.unless
    )


def named_items_hint(key: str, kind: MapOf) -> str:
    """Return the hint for a value where a mapping with free keys is expected."""
    return tr("Write {value}.", value=f"{key}: {{NAME: {{{kind.item.keys[0].name}: ...}}}}")


def shown(node: Node) -> str:
    """Return a node as messages show it: "a list", "a mapping", or the quoted text."""
    match node:
        case ListNode():
            return tr("a list")
        case MappingNode():
            return tr("a mapping")
    return repr(node.text[:MAX_SHOWN_LENGTH])


def scalar_hint(node: Node, keys: KeyPath) -> str:
    """Return the hint for a list or a mapping where a single value is expected."""
    if keys and keys[-1] == "credential":
        return translate(CREDENTIAL_HINT)
    name = next((key for key in reversed(keys) if isinstance(key, str)), "")
    return unquoted_placeholder_hint(node) or (
        tr("Write one value: {key}: ...", key=name) if name else tr("Write one value.")
    )


def mapping_hint(node: Node, keys: KeyPath) -> str:
    """Return how the mapping is written, with the value that was given instead of it."""
    name = next((key for key in reversed(keys) if isinstance(key, str)), "")
    text = node.text[:MAX_SHOWN_LENGTH] if isinstance(node, ScalarNode) else ""
    if name == "vlan" and text.isdecimal():
        return tr("Write {value}.", value=f"vlan: {{access: {text}}}")
    if name == "disk" and text:
        return tr("Write {value}.", value=f"disk: {{{_disk_key(text)}: {text}}}")
    if name == "vms" and text:
        return tr("Write {value}.", value=f"vms: [{{name: {text}}}]")
    if keys[:1] == ("images",) and text:
        return tr("Write {value}.", value=f"{name}: {{path: {text}}}")
    return tr("Write {value}.", value=_WRITTEN_AS[name]) if name in _WRITTEN_AS else ""


def _disk_key(text: str) -> str:
    if text[:1].isdecimal():
        return "size"
    return "path" if "\\" in text or text.casefold().endswith(".vhdx") else "image"
