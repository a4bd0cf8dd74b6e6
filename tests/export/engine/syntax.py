"""Source text as a tree of the grammar tree-sitter-powershell."""

from __future__ import annotations

import re

import tree_sitter
import tree_sitter_powershell

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
_UNITS = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40, "PB": 1 << 50}


def parsed(text):
    """The root of the tree; raises AssertionError where the text does not parse."""
    root = _PARSER.parse(text.encode()).root_node
    assert not root.has_error, text
    return root


def text_of(node):
    return node.text.decode()


def child(node, kind):
    """The only child of a kind, or None."""
    return next((each for each in node.named_children if each.type == kind), None)


_NUMBER = re.compile(r"(\d+)(KB|MB|GB|TB|PB)?", re.IGNORECASE)


def is_number(node):
    """Whether a node is a number: tree-sitter-powershell 0.26 reads ``8GB`` as a command, ``8gb`` not."""
    return _NUMBER.fullmatch(text_of(node).strip()) is not None


def is_command(node):
    return node.type.startswith("command") and not is_number(node)


def number(text):
    match = _NUMBER.fullmatch(text.strip())
    return int(match[1]) * _UNITS.get((match[2] or "").upper(), 1)


def pure_expression(pipeline):
    """The expression that a pipeline consists of; None where it has a command or assigns."""
    chain = pipeline if pipeline.type == "pipeline_chain" else child(pipeline, "pipeline_chain")
    if chain is None or len(chain.named_children) != 1 or is_command(chain.named_children[0]):
        return None
    return chain.named_children[0]
