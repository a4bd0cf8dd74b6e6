"""Two diagrams of a host: extensions hidden by its hypervisor, and exposed to chosen VMs."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence

from nestlab.drawing import svg_image
from nestlab.html import Html, escape
from nestlab.lab import platform_findings
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.vm_state import state_text
from nestlab.rules.evidence import display_name, vms_of
from nestlab.rules.host.hypervisor_detection import is_azure, outer_hypervisor
from nestlab.texts import tr, translate

_WIDTH, _HEIGHT, _MARGIN, _GAP = 520, 300, 16, 10
_LEVEL = 58  # height of one more layer below
_MAX_VMS = 4
_NAMES_SHOWN = 3  # VM names that fit in the description
_INK, _FAINT = "var(--jp-ui-font-color1,#222)", "var(--nestlab-faint,var(--jp-ui-font-color2,#555))"
_BACKGROUND, _LAYER, _LINE = (
    "var(--jp-layout-color1,#fff)",
    "var(--jp-layout-color2,#eee)",
    "var(--jp-border-color1,#bbb)",
)
_ON = "var(--jp-brand-color1,#1976d2)"
# An image does not have the variables of its page. These are as in JupyterLab's dark theme.
_DARK = {
    "--jp-ui-font-color1": "#e0e0e0",
    "--jp-ui-font-color2": "#b0b0b0",
    "--jp-layout-color1": "#212121",
    "--jp-layout-color2": "#424242",
    "--jp-border-color1": "#757575",
}
_DARK_RULES = "; ".join(f"{name}: {value}" for name, value in _DARK.items())
_DARK_MEDIA = f"@media (prefers-color-scheme: dark) {{ :root {{ {_DARK_RULES} }} }}"  # not shown
_IMAGE_STYLE = f"<style>{_DARK_MEDIA}</style>"


def extension_pictures(state: HostState, chosen: Collection[str] = ()) -> Html:
    """Return both pictures side by side, as SVG.

    `chosen` are the VMs that the extensions will be exposed to.
    """
    return _side_by_side(picture for picture, _ in _pictures(state, chosen))


def static_pictures(state: HostState, chosen: Collection[str] = ()) -> Html:
    """Return both pictures as images, for saved notebooks: some viewers remove SVG from HTML."""
    return _side_by_side(
        svg_image(picture.replace("</svg>", f"{_IMAGE_STYLE}</svg>"), description, _WIDTH)
        for picture, description in _pictures(state, chosen)
    )


def _pictures(state: HostState, chosen: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each picture with its text alternative."""
    for exposed in (False, True):
        yield _picture(state, chosen, exposed=exposed)


def _side_by_side(pictures: Iterable[str]) -> Html:
    return Html(
        f'<div style="display:flex;flex-wrap:wrap;gap:12px;margin:4px 0">{"".join(pictures)}</div>'
    )


def _picture(state: HostState, chosen: Collection[str], *, exposed: bool) -> tuple[str, str]:
    names = {name.casefold() for name in chosen}
    vms = sorted(
        vms_of(state),
        key=lambda vm: (not vm.expose_virtualization_extensions, vm.name.casefold() not in names),
    )
    exposed_to = [vm.name for vm in vms if vm.expose_virtualization_extensions]
    planned = [
        vm.name
        for vm in vms
        if vm.name.casefold() in names and not vm.expose_virtualization_extensions
    ]
    title = tr("Exposed to chosen VMs") if exposed else tr("Hidden from VMs (default)")
    described = _description(state, exposed_to, planned, exposed=exposed)
    body = "".join(_shapes(state, vms, names, exposed=exposed))
    height = _HEIGHT + (_LEVEL if _outer_platform(state) else 0)
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(described)}" viewBox="0 0 {_WIDTH} {height}" '
        f'style="max-width:{_WIDTH}px;width:100%;flex:1 1 380px;font-family:var(--jp-ui-font-family,sans-serif)">'
        f"{_rect(0.5, 0.5, _WIDTH - 1, height - 1, (_BACKGROUND, _LINE))}{_text(_MARGIN, 24, title, 15, weight=600)}"
        f"{_described(described)}{body}</svg>"
    )
    return picture, f"{title}: {described}"


def _described(text: str) -> str:
    """Return a description in one line, or in two."""
    lines = textwrap.wrap(text, 86, max_lines=2, placeholder=" …")
    first = 42 if not lines[1:] else 39
    return "".join(
        _text(_MARGIN, first + 13 * number, line, 11, color=_FAINT)
        for number, line in enumerate(lines)
    )


def _description(
    state: HostState, exposed_to: Sequence[str], planned: Sequence[str], *, exposed: bool
) -> str:
    name = display_name(state)
    if state.hyper_v is None:
        if exposed:
            return tr(
                "Hyper-V does not answer on {host}: it is not known whether extensions can be exposed.",
                host=name,
            )
        return tr(
            "Hyper-V does not answer on {host}: it is not known whether extensions are in use.",
            host=name,
        )
    if not exposed:
        return tr(
            "On {host} a VM sees a processor without the extensions unless they are exposed to it.",
            host=name,
        )
    refused = [finding.message for finding in platform_findings(state)]
    if refused:
        return tr("Not on {host}: {reason}", host=name, reason=refused[0])
    if exposed_to:
        names = ", ".join(exposed_to[:_NAMES_SHOWN])
        if len(exposed_to) > _NAMES_SHOWN:
            names = tr("{names} and more", names=names)
        text = tr("{names} can run a hypervisor", names=names)
        if planned:
            text = tr("{text}; to be exposed to: {names}", text=text, names=", ".join(planned[:3]))
        return text
    if planned:
        return tr("To be exposed to: {names}", names=", ".join(planned))
    return tr("Not exposed to any VM on {host} yet.", host=name)


def _outer_platform(state: HostState) -> str:
    return "Azure" if is_azure(state) else translate(outer_hypervisor(state))


def _outer_shapes(platform: str, host: str, base: int) -> Iterator[str]:
    yield _rect(_MARGIN, 250, _WIDTH - 2 * _MARGIN, 36, (_LAYER, _LINE))
    inside = tr("{platform}: {host} is a VM there", platform=platform, host=host)
    yield _text(_MARGIN + 10, 273, inside, 12)
    yield _arrow(_WIDTH - _MARGIN - 48, base, _WIDTH - _MARGIN - 48, 287)


def _shapes(
    state: HostState, vms: Sequence[VirtualMachineState], chosen: Collection[str], *, exposed: bool
) -> Iterator[str]:
    maker = state.processors[0].manufacturer if state.processors else ""
    flag = {"GenuineIntel": "VT-x", "AuthenticAMD": "AMD-V"}.get(maker, tr("extensions"))
    chip = state.processors[0].name if state.processors else tr("processor not known")
    below = _outer_platform(state)
    base = 250 + (_LEVEL if below else 0)
    yield _rect(_MARGIN, base, _WIDTH - 2 * _MARGIN, 36, (_LAYER, _LINE))
    yield _text(_MARGIN + 10, base + 23, _shortened(chip, 46), 12)
    yield _badge(_WIDTH - _MARGIN - 86, base + 8, 76, flag, on=True)
    if below:
        yield from _outer_shapes(below, display_name(state), base)
    runs = state.hyper_v is not None
    yield _rect(_MARGIN, 192, _WIDTH - 2 * _MARGIN, 36, (_LAYER, _LINE))
    yield _text(
        _MARGIN + 10,
        215,
        tr("Hyper-V of {host}", host=display_name(state))
        if runs
        else tr("Hyper-V does not answer here"),
        12,
    )
    yield _arrow(_WIDTH - _MARGIN - 48, 250, _WIDTH - _MARGIN - 48, 229, dashed=not runs)
    shown = vms if len(vms) == _MAX_VMS + 1 else vms[:_MAX_VMS]
    if not shown:
        yield _text(_MARGIN + 10, 130, tr("no VMs") if runs else "", 12, color=_FAINT)
    columns = len(shown) + (1 if len(vms) > len(shown) else 0)
    width = min(150.0, (_WIDTH - 2 * _MARGIN - _GAP * max(0, columns - 1)) / max(1, columns))
    for number, vm in enumerate(shown):
        yield from _vm(
            vm,
            _MARGIN + number * (width + _GAP),
            width,
            flag,
            planned=vm.name.casefold() in chosen,
            exposed=exposed,
        )
    if len(vms) > len(shown):
        yield _text(
            _MARGIN + _MAX_VMS * (width + _GAP),
            118,
            tr("+ {count} more", count=len(vms) - _MAX_VMS),
            12,
            color=_FAINT,
        )


def _vm(
    vm: VirtualMachineState, left: float, width: float, flag: str, *, planned: bool, exposed: bool
) -> Iterator[str]:
    has = exposed and vm.expose_virtualization_extensions
    expects = exposed and planned and not has
    yield _rect(left, 58, width, 112, (_BACKGROUND, _ON if has else _LINE), dashed=expects)
    letters = int((width - 16) / 7.6)
    yield _text(left + 8, 77, _shortened(vm.name, letters), 12, weight=600)
    yield _text(left + 8, 93, state_text(vm.state), 11, color=_FAINT)
    if has:
        yield _rect(left + 8, 101, width - 16, 26, (_LAYER, _LINE), dashed=True)
        yield _text(left + 14, 118, _shortened(tr("can nest"), letters + 1), 11)
    word = tr("{flag}: planned", flag=flag) if expects else tr("no {flag}", flag=flag)
    yield _badge(left + 8, 138, width - 16, f"{flag} ✓" if has else word, on=has)
    if has or expects:
        yield _arrow(left + width / 2, 192, left + width / 2, 171, dashed=expects)


def _rect(
    x: float, y: float, width: float, height: float, look: tuple[str, str], *, dashed: bool = False
) -> str:
    (fill, stroke), dash = look, ";stroke-dasharray:4 3" if dashed else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" style="fill:{fill};stroke:{stroke}{dash}"/>'


def _text(x: float, y: float, text: str, size: int, *, color: str = _INK, weight: int = 400) -> str:
    return f'<text x="{x:g}" y="{y:g}" style="fill:{color};font-size:{size}px;font-weight:{weight}">{escape(text)}</text>'


def _badge(x: float, y: float, width: float, text: str, *, on: bool) -> str:
    fill, ink, stroke = (_ON, "#fff", _ON) if on else (_BACKGROUND, _FAINT, _LINE)
    box = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="22" rx="11" style="fill:{fill};stroke:{stroke}"/>'
    return f'{box}<text x="{x + width / 2:g}" y="{y + 15:g}" text-anchor="middle" style="fill:{ink};font-size:11px">{escape(text)}</text>'


def _arrow(x1: float, y1: float, x2: float, y2: float, *, dashed: bool = False) -> str:
    dash = ";stroke-dasharray:4 3" if dashed else ""
    head = f"M{x2 - 5:g} {y2 + 7:g} L{x2:g} {y2:g} L{x2 + 5:g} {y2 + 7:g}"
    return f'<path d="M{x1:g} {y1:g} L{x2:g} {y2:g} {head}" style="fill:none;stroke:{_ON};stroke-width:2{dash}"/>'


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
