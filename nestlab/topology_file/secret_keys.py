"""Keys of a topology file that are named like passwords."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.pattern import pattern
from nestlab.topology_file.nodes import (
    NULL_WORDS,
    ListNode,
    MappingNode,
    Node,
    NotYaml,
    ScalarNode,
    compose,
)

_WORDS = "password|passwd|passphrase|pwd|secret|contraseña|passwort|kennwort|motdepasse|senha"
_SECRET_NAME = pattern(rf"(?:.*[a-z_])?(?:{_WORDS})(?:s|\d+|_?hash|_?base64)?")
_SECRET_TEXT = pattern(
    r"(?i)\b(?:password|passwd|passphrase|pwd|contraseña|passwort|kennwort|"
    r"mot de passe|senha)"  # not shown
    r"\s*[:=]\s*\S"
)
_ANY_SECRET = pattern(rf"(?i){_WORDS}")
_ACCOUNT_NAMES = ("username", "user", "account")


def is_secret_name(name: str) -> bool:
    """Whether a key is named like a password, in English and other languages of Windows.

    >>> names = ("password", "adminPassword", "x-local_admin_pwd", "Contraseña", "password_hash")
    >>> all(map(is_secret_name, names)), is_secret_name("x-password-policy")
    (True, False)
    """
    return bool(
        _SECRET_NAME.fullmatch(
            name.casefold().replace("-", "_").replace("mot_de_passe", "motdepasse")
        )
    )


def is_account_name(name: str) -> bool:
    """Whether a key is named like an account or its password."""
    return name.casefold() in _ACCOUNT_NAMES or is_secret_name(name)


def names_a_secret(text: str) -> bool:
    """Whether a text contains a password, as in ``password: ...``.

    >>> names_a_secret("admin, password = Geheim-1"), names_a_secret("the password is in the safe")
    (True, False)
    """
    return bool(_SECRET_TEXT.search(text))


def secret_keys(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each key of a file that is named like a password and has a value: name, line, column.

    The reader reports unknown keys as errors. The others are the user's keys (``x-...``), keys
    below them, and keys that are merged from them (``<<``).
    """
    if not _ANY_SECRET.search(text):
        return
    try:
        node = compose(text)
    except NotYaml:
        return
    found = dict.fromkeys(_secrets(node)) if node is not None else {}
    yield from found


def _secrets(node: Node) -> Iterator[tuple[str, int, int]]:
    if isinstance(node, ListNode):
        for item in node.items:
            yield from _secrets(item)
    if isinstance(node, MappingNode):
        for key, value in (*node.pairs, *node.merged):
            name = key.text if isinstance(key, ScalarNode) else ""
            if is_secret_name(name) and not _is_empty(value):
                yield name, key.line, key.column
            else:
                yield from _secrets(value)


def _is_empty(node: Node) -> bool:
    return (
        isinstance(node, ScalarNode) and node.plain and (not node.text or node.text in NULL_WORDS)
    )
