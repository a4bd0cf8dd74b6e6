"""Rules about images and the generations of the VMs that boot from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from nestlab.constants import GENERATIONS
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath
from nestlab.model.spelling import path_key
from nestlab.model.topology import VM, Image
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.shared_causes import listed
from nestlab.rules.topology.places import MachinePlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import mark, tr, translate

IMAGE_IN_BOTH_GENERATIONS = Rule(
    code="image-in-both-generations",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="VMs of generation 1 and of generation 2 use one image.",
    why="Generation 1 boots from a disk with a master boot record (MBR), generation 2 from one with a GUID partition table (GPT). Windows on a disk boots in one of the two only, and the VMs of the other generation never answer.",
    fix="Use an image of its own for each generation, or give the VMs one generation.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}\nvms:\n  - {name: a, generation: 1, disk: {image: ws2022}}\n  - {name: b, disk: {image: ws2022}}",
    source=GENERATIONS,
    variants=(
        Variant("warning", "if the image has Linux: some images have boot loaders for both"),
    ),
)

_Users = dict[int, list[tuple[MachinePlace, VM]]]


@detects(IMAGE_IN_BOTH_GENERATIONS)
def image_in_both_generations(index: TopologyIndex) -> Iterator[Finding]:
    """An image that VMs of both generations boot from."""
    users: dict[tuple[MachinePath, str], _Users] = defaultdict(lambda: defaultdict(list))
    generations = {vm.generation for _, vm in index.vms}
    for place, vm in index.vms if len(generations) > 1 else ():
        declared = index.system_images.get(place.keys)
        if declared is not None and declared.generation is not None:
            continue  # image_of_another_generation compares each VM with it
        if (file := _image_file(index, place, vm)) is not None:
            users[file][vm.generation].append((place, vm))
    for (_, path), by_generation in users.items():
        if len(by_generation) > 1:
            yield _in_both(index, path, by_generation)


def _image_file(
    index: TopologyIndex, place: MachinePlace, vm: VM
) -> tuple[MachinePath, str] | None:
    """Return the file that a VM's disk is based on, and its machine: images are on the host."""
    if vm.disk is None:
        return None
    image = index.system_images.get(place.keys)
    if image is not None:
        return (), path_key(image.path)
    return (place.path[:-1], path_key(vm.disk.parent)) if vm.disk.parent else None


def _in_both(index: TopologyIndex, path: str, users: _Users) -> Finding:
    place, vm = users[1][0]
    image = index.system_images.get(place.keys)
    name = tr("image {path}", path=image.name) if image else path
    first, second = (listed([user.subject for user, _ in users[n]]) for n in (1, 2))
    is_linux = (image.os if image else vm.guest.os) == "linux"
    message = (
        tr(
            "uses {name}, which may boot in one generation only; of generation 1: {first}; of generation 2: {second}",
            name=name,
            first=first,
            second=second,
        )
        if is_linux
        else tr(
            "uses {name}, which boots in one generation only; of generation 1: {first}; of generation 2: {second}",
            name=name,
            first=first,
            second=second,
        )
    )

    keys = (*place.keys, "generation")
    return index.finding(
        IMAGE_IN_BOTH_GENERATIONS.at("warning" if is_linux else "error"),
        place.subject,
        keys,
        message,
        hint=translate(_LINUX_HINT) if is_linux else None,
    )


_LINUX_HINT = mark(
    "Check that the image has boot loaders for both (BIOS and UEFI), as cloud images often do; else use an image of its own for each generation."
)


IMAGE_OF_ANOTHER_GENERATION = Rule(
    code="image-of-another-generation",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM has another generation than the VMs that boot from its image.",
    why="Generation 1 boots Windows from a disk with a master boot record (MBR), generation 2 from one with a GUID partition table (GPT). The VM starts, runs without an operating system, and never answers.",
    fix="Give the VM the generation of its image, or use another image.",
    example="images: {old: {path: 'D:\\images\\old.vhdx', generation: 1}}\nvms: [{name: web1, disk: {image: old}}]",
    source=GENERATIONS,
    variants=(
        Variant(
            "warning",
            "if the file does not say which generation the image is for, and the VM is a Windows guest of generation 1",
        ),
    ),
)


@detects(IMAGE_OF_ANOTHER_GENERATION)
def image_of_another_generation(index: TopologyIndex) -> Iterator[Finding]:
    """A VM whose generation differs from its image's, or generation 1 with an unknown one."""
    both = {finding.subject for finding in image_in_both_generations(index)}
    for place, vm in index.vms:
        image = index.system_images.get(place.keys)
        if image is not None and image.generation not in (None, vm.generation):
            keys = (*place.keys, "generation")
            message = tr(
                "has generation {generation} and uses image {image}, from which VMs of generation {other} boot",
                generation=vm.generation,
                image=image.name,
                other=image.generation,
            )
            yield index.finding(
                IMAGE_OF_ANOTHER_GENERATION,
                place.subject,
                keys,
                message,
                hint=" ".join(
                    (
                        tr(
                            "Write generation: {generation} for the VM, or use another image.",
                            generation=image.generation,
                        ),
                        place.generation_hint,
                    )
                ),
            )
        elif _is_not_known(image, vm) and place.subject not in both:
            yield _not_known(index, place, vm, image)


def _is_not_known(image: Image | None, vm: VM) -> bool:
    """Whether Windows of generation 1 is to boot from a VHDX file that may be for generation 2."""
    file = image.path if image else vm.disk.parent if vm.disk else None
    system = image.os if image else vm.guest.os
    return (
        vm.generation == 1
        and system == "windows"
        and (image is None or image.generation is None)
        and bool(file)
        and str(file).casefold().endswith(".vhdx")
    )


def _not_known(index: TopologyIndex, place: MachinePlace, vm: VM, image: Image | None) -> Finding:
    parent = vm.disk.parent if vm.disk else ""
    name = tr("image {path}", path=image.name) if image else f"{parent}"
    hint = (
        tr(
            "If it was made for a BIOS (MBR), write generation: 1 for image {image}; else remove generation: 1 from the VM.",
            image=image.name,
        )
        if image
        else tr(
            "If it was made for a BIOS (MBR), name the file under images with generation: 1, and write disk: {image: NAME}; else remove generation: 1 from the VM."
        )
    )
    keys = (*place.keys, "generation")
    message = tr(
        "has generation 1 and uses {name}, and it is not known whether generation 1 boots from that: most VHDX images are for generation 2",
        name=name,
    )
    return index.finding(
        IMAGE_OF_ANOTHER_GENERATION.at("warning"),
        place.subject,
        keys,
        message,
        hint=f"{hint} {place.generation_hint}",
    )


DETECTORS = (image_in_both_generations, image_of_another_generation)
"""The detectors of this module, in the order of their findings."""
