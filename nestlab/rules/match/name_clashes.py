"""Names of the topology that are already used on the host."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import is_left_behind, is_marked, owner_mark, owner_of, without_mark
from nestlab.model.spelling import same_name
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import NESTLAB, Rule, Scope, detects
from nestlab.texts import mark, tr, translate

NAME_CLASH = Rule(
    code="name-clash",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The host has a VM or switch of this name that this topology does not own and that differs from the file, or several that it owns.",
    why="What nestlab did not create is never changed, and a cmdlet with a name would address all objects of that name.",
    fix="Choose another name in the topology; or, to use an existing switch, write existing: true; or write into the file what the host has: an object that equals it is kept as it is, and nestlab adopt makes it the topology's.",
    example="Notes: 'CI builds'",
    source=NESTLAB,
)


_ADOPT = mark(
    "To change it with this topology, write into the file what the host has, and make it this topology's with `nestlab adopt`."
)


_EXISTS = {
    ("VM", False): mark(
        "{machine} already has a VM of this name that nestlab did not create{difference}; it is left alone"
    ),
    ("VM", True): mark(
        "{machine} already has a VM of this name that belongs to the topology {owner}{difference}; it is left alone"
    ),
    ("switch", False): mark(
        "{machine} already has a switch of this name that nestlab did not create{difference}; it is left alone"
    ),
    ("switch", True): mark(
        "{machine} already has a switch of this name that belongs to the topology {owner}{difference}; it is left alone"
    ),
}
_SEVERAL = {
    "VM": mark(
        "{machine} has {count} VMs of this name with this topology's mark; a cmdlet would address all of them"
    ),
    "switch": mark(
        "{machine} has {count} switches of this name with this topology's mark; a cmdlet would address all of them"
    ),
}


@detects(NAME_CLASH)
def name_clash(match: HostMatch) -> Iterator[Finding]:
    """A VM or switch of this name that this topology does not own: it is never changed."""
    if match.hyper_v is None:
        return
    for vm, _, keys in match.vms:
        notes = [
            # The plan marks VMs that an interrupted run created and did not mark.
            owner_mark(match.topology_name)
            if is_left_behind(known, match.topology_name)
            else known.notes
            for known in match.hyper_v.vms_named(vm.name)
        ]
        yield from _clashes(match, "VM", vm.name, keys, notes)
    for place in match.own_switches:
        existing = [
            each for each in match.hyper_v.switches if same_name(each.name, place.switch.name)
        ]
        if any(each.is_default_switch for each in existing):
            continue
        notes = [each.notes for each in existing]
        yield from _clashes(match, "switch", place.switch.name, place.keys, notes)


def _clashes(
    match: HostMatch, noun: str, name: str, keys: KeyPath, notes: list[str]
) -> Iterator[Finding]:
    foreign = [text for text in notes if not is_marked(text, match.topology_name)]
    subject = f"{noun} {'/'.join((*match.place.path, name))}"
    differs = match.unmarked.get(subject)
    if differs == "":
        return  # nestlab did not create it, and it is as the file says
    if differs or foreign:
        owner = owner_of(foreign[0]) if foreign else None
        difference = (
            tr(" and that differs from the file ({differs})", differs=differs) if differs else ""
        )
        hint = (
            tr(
                "To use the existing one: {{name: {name}, existing: true}}. For a separate one, choose another name.",
                name=name,
            )
            if noun == "switch"
            else tr("Choose another name in the topology, or rename the existing VM.")
        )
        yield match.finding(
            NAME_CLASH,
            subject,
            (*keys, "name"),
            translate(
                _EXISTS[noun, owner is not None],
                machine=match.machine_name,
                **({"owner": owner} if owner else {}),
                difference=difference,
            ),
            hint=f"{hint} {translate(_ADOPT)}" if differs else hint,
            evidence=f"Notes: {without_mark((foreign or notes)[0])[:80]!r}"
            if differs
            else f"Notes: {foreign[0][:80]!r}",
        )
    elif len(notes) > 1:
        message = translate(_SEVERAL[noun], machine=match.machine_name, count=len(notes))
        hint = tr("Remove or rename all but one.")
        yield match.finding(NAME_CLASH, subject, (*keys, "name"), message, hint=hint)


DETECTORS = (name_clash,)
