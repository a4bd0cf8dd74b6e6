"""The style sheet of the SVG pictures, written from the palette."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.drawing.palette import ANNOTATION_ROLES, DARK, FONTS, LIGHT, Palette, palette

# How JupyterLab and VS Code mark a dark page.
_DARK_PAGES = ('[data-jp-theme-light="false"]', ".vscode-dark")


def style_sheet(theme: str) -> str:
    """Return CSS for a theme.

    ``auto`` follows the preference of the reader's system, ``page`` the theme of the notebook. With
    ``auto``, a printed picture is light.
    All rules stay inside ``.nestlab-<theme>``.
    """
    return _in_theme(theme, _shapes, _colours)


def annotation_style_sheet(theme: str) -> str:
    """Return the CSS that a picture with annotations has in addition."""
    return _in_theme(theme, _annotation_shapes, _annotation_colours)


def _in_theme(
    theme: str, shapes: Callable[[str], str], colours: Callable[[str, Palette], str]
) -> str:
    scope = f".nestlab-{theme}"
    if theme == "auto":
        return f"{shapes(scope)}\n{colours(scope, LIGHT)}\n@media screen and (prefers-color-scheme: dark) {{\n{colours(scope, DARK)}\n}}"
    if theme == "page":
        return "\n".join(
            [
                shapes(scope),
                colours(scope, LIGHT),
                *(colours(f"{page} {scope}", DARK) for page in _DARK_PAGES),
            ]
        )
    return f"{shapes(scope)}\n{colours(scope, palette(theme))}"


def _annotation_shapes(scope: str) -> str:
    outline = "{ fill: none; stroke-width: 2.6; pointer-events: stroke; }"
    return f"{scope} .outline {outline}\n{scope} .dashed {{ stroke-dasharray: 6 4; }}"


def _annotation_colours(scope: str, colours: Palette) -> str:
    rules = [f".o-{role} {{ stroke: {colours.badges[role][0]}; }}" for role in ANNOTATION_ROLES]
    rules += [_badge(scope, colours, role) for role in ANNOTATION_ROLES]
    return "\n".join(f"{scope} {rule}" for rule in rules)


def _badge(scope: str, colours: Palette, role: str) -> str:
    background, ink = colours.badges[role]
    return f"rect.p-{role} {{ fill: {background}; }} {scope} text.p-{role} {{ fill: {ink}; }}"


def _shapes(scope: str) -> str:
    return "\n".join(
        f"{scope} {rule}"
        for rule in (
            f"text {{ font-family: {FONTS}; }}",
            ".b { font-weight: 700; }",
            ".box { stroke-width: 1.2; }",
            ".switch-bar { stroke-width: 1; }",
            ".line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }",
            ".spine { stroke-width: 3; }",
            ".nat { stroke-dasharray: 5 4; }",
            ".disconnected { stroke-dasharray: 2 4; }",
            ".off { stroke-dasharray: 4 3; }",
            ".trace { fill: none; stroke-width: 5; stroke-linejoin: round; stroke-linecap: round; opacity: .75; }",
        )
    )


def _colours(scope: str, colours: Palette) -> str:
    rules = [f".ground {{ fill: {colours.background}; }}"]
    rules += [
        f".l{n} {{ fill: {fill}; stroke: {edge}; }}"
        for n, (fill, edge) in enumerate(colours.levels)
    ]
    rules.append(f".vm {{ fill: {colours.vm[0]}; stroke: {colours.vm[1]}; }}")
    rules.append(f".network {{ fill: {colours.network[0]}; stroke: {colours.network[1]}; }}")
    rules += [
        f".switch-bar.{kind} {{ fill: {fill}; stroke: {edge}; }}"
        for kind, (fill, edge) in colours.bars.items()
    ]
    rules += [
        f".line.{kind} {{ stroke: {colour}; }} {scope} .dot.{kind} {{ fill: {colour}; }}"
        for kind, colour in colours.lines.items()
    ]
    rules += [f"text.{role} {{ fill: {colour}; }}" for role, colour in colours.texts.items()]
    rules += [
        _badge(scope, colours, role) for role in colours.badges if role not in ANNOTATION_ROLES
    ]
    rules.append(
        f".trace {{ stroke: {colours.trace}; }} {scope} .hop {{ fill: {colours.trace}; }} {scope} .hop-text {{ fill: {colours.background}; }}"
    )
    rules.append(
        f".drop {{ fill: {colours.drop}; }} {scope} .drop-cross {{ stroke: {colours.background}; stroke-width: 2.4; stroke-linecap: round; }}"
    )
    return "\n".join(f"{scope} {rule}" for rule in rules)
