"""Every refusal of the simulated host, read from its source.

A refusal is a call that makes an error record, in `nestlab/simulator/cmdlets`, `behaviour` and
`access.py`. It is identified by its module and its text, with what varies in braces.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nestlab.simulator

ROOT = Path(nestlab.simulator.__file__).parent
SHOWN = 70
"""Characters of a long text that are shown of its beginning, and of its end."""
_TEXT_AT = {"hyper_v": 2, "vhd": 2, "cim": 2, "generic": 0, "ErrorRecord": 0}
_NAMED = {
    "cim_not_found",
    "not_authorized",
    "cim_access_denied",
    "access_denied",
    "vmms_not_running",
}
_MOST = 12  # texts of one expression


def refusals() -> dict[str, set[str]]:
    """Return the texts of all refusals by module, such as ``cmdlets/network/net_nat``."""
    paths = [ROOT / "restricted_accounts.py"]
    paths += [path for part in ("cmdlets", "behaviour") for path in (ROOT / part).rglob("*.py")]
    found = {}
    for path in sorted(paths):
        name = path.relative_to(ROOT).with_suffix("").as_posix()
        texts = set(_module(name).refusals())
        if texts:
            found[name] = texts
    return found


@cache
def _module(name: str) -> _Module:
    return _Module(name, ast.parse((ROOT / f"{name}.py").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class _Module:
    name: str
    tree: ast.Module
    _functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    _imports: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef):
                self._functions[node.name] = node
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "nestlab.simulator"
            ):
                below = (node.module or "").removeprefix("nestlab.simulator").strip(".")
                for alias in node.names:
                    self._imports[alias.asname or alias.name] = (
                        below.replace(".", "/"),
                        alias.name,
                    )

    def refusals(self) -> Iterator[str]:
        for function in self._functions.values():
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    yield from map(_shown, self._texts_of_call(node, function))

    def _texts_of_call(self, call: ast.Call, function: ast.FunctionDef) -> Iterator[str]:
        name = _called(call)
        if name in _NAMED and isinstance(call.func, ast.Attribute):
            yield from _module("cmdlet_errors").texts_made_by(name)
        if name not in _TEXT_AT or (
            name != "ErrorRecord" and not isinstance(call.func, ast.Attribute)
        ):
            return
        spread = next((arg for arg in call.args if isinstance(arg, ast.Starred)), None)
        if spread is not None:
            yield from self._second_of_pairs(spread.value, function)
            return
        given = call.args[_TEXT_AT[name] :][:1]
        parameters = [argument.arg for argument in function.args.args]
        if given and isinstance(given[0], ast.Name) and given[0].id in parameters:
            yield from self._texts_of_callers(function, parameters.index(given[0].id))
        elif given:
            yield from self.texts(given[0], function)

    def texts_made_by(self, name: str) -> Iterator[str]:
        """The texts of a function that makes records of one kind, such as `vmms_not_running`."""
        function = self._functions[name]
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _called(node) in _TEXT_AT:
                yield from self.texts(node.args[_TEXT_AT[_called(node)]], function)

    def _texts_of_callers(self, called: ast.FunctionDef, place: int) -> Iterator[str]:
        """The texts that the functions of the module give to one that makes the record."""
        for function in self._functions.values():
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and _called(node) == called.name:
                    yield from self.texts(node.args[place], function)

    def _second_of_pairs(self, node: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
        """The texts of pairs of error id and text."""
        if isinstance(node, ast.Tuple) and len(node.elts) == 2:  # a pair
            yield from self.texts(node.elts[1], function)
        elif isinstance(node, ast.IfExp):
            yield from self._second_of_pairs(node.body, function)
            yield from self._second_of_pairs(node.orelse, function)
        else:
            for module, value, inside in self._behind(node, function):
                yield from module._second_of_pairs(value, inside)

    def texts(self, node: ast.expr, function: ast.FunctionDef | None) -> list[str]:
        """Return what a text expression can be, with what varies in braces."""
        return list(itertools.islice(dict.fromkeys(self._texts(node, function)), _MOST))

    def _texts(self, node: ast.expr, function: ast.FunctionDef | None) -> Iterator[str]:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=parts):
                choices = [self._texts(part, function) for part in parts]
                yield from map("".join, itertools.product(*map(list, choices)))
            case ast.FormattedValue(value=value):
                yield from self._inserted(value, function)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                pairs = itertools.product(self.texts(left, function), self.texts(right, function))
                yield from map("".join, pairs)
            case ast.IfExp(body=body, orelse=other):
                yield from self._texts(body, function)
                yield from self._texts(other, function)
            case ast.Call(func=ast.Attribute(value=value, attr="replace")):
                yield from self._texts(value, function)
            case ast.Subscript(value=value, slice=ast.Constant(value=int(place))):
                yield from (
                    self._second_of_pairs(value, function)
                    if place == 1 and function
                    else [f"{{{ast.unparse(node)}}}"]
                )
            case _:
                known = list(self._behind(node, function))
                if not known:
                    yield f"{{{ast.unparse(node)}}}"
                for module, value, inside in known:
                    yield from module._texts(value, inside)

    def _inserted(self, node: ast.expr, function: ast.FunctionDef | None) -> Iterator[str]:
        """What stands in a formatted text: a text of the source, or a name in braces."""
        plain = [
            text
            for module, value, inside in self._behind(node, function)
            if isinstance(value, ast.Constant | ast.JoinedStr)
            or (isinstance(node, ast.Name) and isinstance(value, ast.Call) and function)
            for text in module._texts(value, inside)
            if not text.startswith("{")
        ]
        yield from plain or [f"{{{ast.unparse(node)}}}"]

    def _behind(
        self, node: ast.expr, function: ast.FunctionDef | None
    ) -> Iterator[tuple[_Module, ast.expr, ast.FunctionDef | None]]:
        """The expressions that a name, a constant of a module or a call stands for."""
        if isinstance(node, ast.Name):
            if function is not None:
                local = list(_assigned(function, node.id))
                if local:
                    yield from ((self, value, function) for value in local)
                    return
            yield from self._constant(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self._imported_module(node.value.id)
            if module is not None:
                yield from module._constant(node.attr)
        elif isinstance(node, ast.Call) and _called(node) == "next":
            # The first reason of several: a generator that names each with a walrus.
            named = (part for part in ast.walk(node) if isinstance(part, ast.NamedExpr))
            yield from ((self, part.value, function) for part in named)
        elif isinstance(node, ast.Call):
            yield from self._returned(node)

    def _constant(self, name: str) -> Iterator[tuple[_Module, ast.expr, None]]:
        for value in _assigned(self.tree, name):
            yield self, value, None
        if name in self._imports:
            below, known = self._imports[name]
            if (ROOT / f"{below}.py").exists():
                yield from _module(below)._constant(known)

    def _imported_module(self, name: str) -> _Module | None:
        below = "/".join(filter(None, self._imports.get(name, ("", ""))))
        return _module(below) if below and (ROOT / f"{below}.py").exists() else None

    def _returned(self, call: ast.Call) -> Iterator[tuple[_Module, ast.expr, ast.FunctionDef]]:
        module: _Module | None = self
        name = _called(call)
        if isinstance(call.func, ast.Attribute):
            module = (
                self._imported_module(call.func.value.id)
                if isinstance(call.func.value, ast.Name)
                else None
            )
        elif name in self._imports:
            below, name = self._imports[name]
            module = _module(below) if (ROOT / f"{below}.py").exists() else None
        function = module._functions.get(name) if module else None
        if module and function:
            for node in ast.walk(function):
                if isinstance(node, ast.Return) and node.value is not None:
                    values = (
                        node.value.values if isinstance(node.value, ast.BoolOp) else [node.value]
                    )
                    yield from (
                        (module, value, function)
                        for value in values
                        if not (isinstance(value, ast.Constant) and not value.value)
                    )


def _assigned(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """The values that a name gets in a function, or at the top of a module, but for changes."""
    nodes = scope.body if isinstance(scope, ast.Module) else ast.walk(scope)
    for node in nodes:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            for part, value in pairs:
                changes = {used.id for used in ast.walk(value) if isinstance(used, ast.Name)}
                if isinstance(part, ast.Name) and part.id == name and name not in changes:
                    yield value


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _shown(text: str) -> str:
    """A text on one line, without its middle where it is long."""
    line = " / ".join(part.strip() for part in text.split("\n"))
    if len(line) <= 2 * SHOWN:
        return line
    return f"{line[:SHOWN].strip()} ... {line[-SHOWN:].strip()}"
