"""The style sheet of the SVG pictures, written from the palette."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.drawing.palette import ANNOTATION_ROLES, DARK, FONTS, LIGHT, Palette, palette

# How JupyterLab and VS Code mark a light and a dark page.
LIGHT_PAGES = ('[data-jp-theme-light="true"]', ".vscode-light")
DARK_PAGES = ('[data-jp-theme-light="false"]', ".vscode-dark")


def style_sheet(theme: str) -> str:
    """Return CSS for a theme.

    ``auto`` follows the preference of the reader's system, ``page`` the theme of the notebook. With
    ``auto``, a printed picture is light.
    All rules stay inside ``.nestlab-<theme>``.
    """
    return _in_theme(theme, _shapes, _colors)


def annotation_style_sheet(theme: str) -> str:
    """Return the CSS that a picture with annotations has in addition."""
    return _in_theme(theme, _annotation_shapes, _annotation_colors)


def _in_theme(
    theme: str, shapes: Callable[[str], str], colors: Callable[[str, Palette], str]
) -> str:
    scope = f".nestlab-{theme}"
    if theme == "auto":
        return f"{shapes(scope)}\n{colors(scope, LIGHT)}\n@media screen and (prefers-color-scheme: dark) {{\n{colors(scope, DARK)}\n}}"
    if theme == "page":
        return "\n".join(
            [
                shapes(scope),
                colors(scope, LIGHT),
                *(colors(f"{page} {scope}", DARK) for page in DARK_PAGES),
            ]
        )
    return f"{shapes(scope)}\n{colors(scope, palette(theme))}"


def _annotation_shapes(scope: str) -> str:
    outline = "{ fill: none; stroke-width: 2.6; pointer-events: stroke; }"
    return f"{scope} .outline {outline}\n{scope} .dashed {{ stroke-dasharray: 6 4; }}"


def _annotation_colors(scope: str, colors: Palette) -> str:
    rules = [f".o-{role} {{ stroke: {colors.badges[role][0]}; }}" for role in ANNOTATION_ROLES]
    rules += [_badge(scope, colors, role) for role in ANNOTATION_ROLES]
    return "\n".join(f"{scope} {rule}" for rule in rules)


def _badge(scope: str, colors: Palette, role: str) -> str:
    background, ink = colors.badges[role]
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


def _colors(scope: str, colors: Palette) -> str:
    rules = [f".ground {{ fill: {colors.background}; }}"]
    rules += [
        f".l{n} {{ fill: {fill}; stroke: {edge}; }}" for n, (fill, edge) in enumerate(colors.levels)
    ]
    rules.append(f".vm {{ fill: {colors.vm[0]}; stroke: {colors.vm[1]}; }}")
    rules.append(f".network {{ fill: {colors.network[0]}; stroke: {colors.network[1]}; }}")
    rules += [
        f".switch-bar.{kind} {{ fill: {fill}; stroke: {edge}; }}"
        for kind, (fill, edge) in colors.bars.items()
    ]
    rules += [
        f".line.{kind} {{ stroke: {color}; }} {scope} .dot.{kind} {{ fill: {color}; }}"
        for kind, color in colors.lines.items()
    ]
    rules += [f"text.{role} {{ fill: {color}; }}" for role, color in colors.texts.items()]
    rules += [_badge(scope, colors, role) for role in colors.badges if role not in ANNOTATION_ROLES]
    rules.append(
        f".trace {{ stroke: {colors.trace}; }} {scope} .hop {{ fill: {colors.trace}; }} {scope} .hop-text {{ fill: {colors.background}; }}"
    )
    rules.append(
        f".drop {{ fill: {colors.drop}; }} {scope} .drop-cross {{ stroke: {colors.background}; stroke-width: 2.4; stroke-linecap: round; }}"
    )
    return "\n".join(f"{scope} {rule}" for rule in rules)
