"""Rules about disk images, and about the paths of disks in a topology."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from nestlab.constants import SECURE_BOOT
from nestlab.enumerations import all_of
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.spelling import path_key
from nestlab.model.topology import Image
from nestlab.rules.rule import INFERRED, NESTLAB, Rule, Scope, Variant, detects
from nestlab.rules.shared_causes import listed
from nestlab.rules.topology.files_inside import path_inside_nested_host
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr
from nestlab.topology_file.reading_hints import nearest

UNKNOWN_IMAGE = Rule(
    code="unknown-image",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM's disk names an image that the file does not define.",
    why="The disk is based on the image's file, and the path of that is not known.",
    fix="Define it under images: {NAME: {path: ...}}, or correct the name.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}\nvms: [{name: web1, disk: {image: ws2202}}]",
    source=NESTLAB,
    one_cause=True,
)


@detects(UNKNOWN_IMAGE)
def unknown_image(index: TopologyIndex) -> Iterator[Finding]:
    """A disk on an image that the file does not define."""
    names = [image.name for image in index.topology.images]
    for disk in index.disks:
        wanted = disk.disk.image
        if wanted is None or wanted in names:
            continue
        near = nearest(wanted, names)
        guess = tr("Did you mean {name!r}?", name=near) if near else ""
        known = (
            tr("Images of the file: {images}.", images=", ".join(names))
            if names
            else UNKNOWN_IMAGE.fix_text
        )
        keys = (*disk.keys, "image")
        message = tr(
            "has a disk based on image {image!r}, which the file does not define",
            image=wanted,
        )
        yield index.finding(
            UNKNOWN_IMAGE, disk.subject, keys, message, hint=" ".join(filter(None, (guess, known)))
        )


IMAGE_NOT_USED = Rule(
    code="image-not-used",
    severity="info",
    looks_at=(Scope.TOPOLOGY,),
    meaning="An image is defined but no VM uses it.",
    why="It is not copied into nested hosts, and nothing checks its file.",
    fix="Use it in a disk: {image: NAME}, or remove it.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}",
    source=NESTLAB,
)


@detects(IMAGE_NOT_USED)
def image_not_used(index: TopologyIndex) -> Iterator[Finding]:
    """An image that no disk is created on."""
    used = {disk.image.name for disk in index.disks if disk.image is not None}
    for image in index.topology.images:
        if image.name not in used:
            yield index.finding(
                IMAGE_NOT_USED,
                f"image {image.name}",
                ("images", image.name),
                tr("is not used by any VM"),
                hint=tr(
                    "Write disk: {{image: {image}}} in a VM, or remove the image.", image=image.name
                ),
            )


DUPLICATE_IMAGE = Rule(
    code="duplicate-image",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Two images have names that differ in case only, or the same file.",
    why="The names are those of files in nested hosts, where Windows ignores case. A file under two names is copied twice.",
    fix="Give each image its own name and file.",
    example="images: {a: {path: 'D:\\a.vhdx'}, A: {path: 'D:\\b.vhdx'}}\nvms: [{name: x, disk: {image: a}}, {name: y, disk: {image: A}}]",
    source=NESTLAB,
    variants=(Variant("warning", "if the two images of one file differ in their names only"),),
)


@detects(DUPLICATE_IMAGE)
def duplicate_image(index: TopologyIndex) -> Iterator[Finding]:
    """Two images of one name, in any case, or of one file."""
    names: dict[str, str] = {}
    paths: dict[str, Image] = {}
    for image in index.topology.images:
        keys: KeyPath = ("images", image.name)
        subject = f"image {image.name}"
        other = names.setdefault(image.name.casefold(), image.name)
        if other != image.name:
            message = tr("has the name of image {image}, in another case", image=other)
            yield index.finding(DUPLICATE_IMAGE, subject, keys, message)
        same = paths.setdefault(path_key(image.path), image)
        if same is not image:
            yield _same_file(index, same, image)


def _same_file(index: TopologyIndex, first: Image, second: Image) -> Finding:
    """Return the finding that two images are one file, which they may describe differently."""
    message = tr(
        "is the file {path}, which is also image {image}", path=second.path, image=first.name
    )
    differing = [
        key
        for key in ("os", "prepared", "generation")
        if getattr(first, key) != getattr(second, key)
    ]
    rule, key = DUPLICATE_IMAGE.at("warning"), "path"
    hint = tr("Use image {image} for both.", image=first.name)
    if differing:
        rule, key = DUPLICATE_IMAGE, differing[0]
        values = differing[0]
        for each in differing[1:]:
            values = tr("{values} and another {value}", values=values, value=each)
        message = tr(
            "is the file {path}, which is also image {image} with another {values}: one file cannot be both",
            path=second.path,
            image=first.name,
            values=values,
        )
        hint = tr(
            "Correct {keys} of the one that is wrong, or the path of the other file.",
            keys=all_of(differing),
        )
    keys: KeyPath = ("images", second.name, key)
    return index.finding(rule, f"image {second.name}", keys, message, hint=hint)


IMAGE_OF_ANOTHER_SYSTEM = Rule(
    code="image-of-another-system",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM's guest.os is not the operating system of its image.",
    why="How a guest is set up follows from guest.os, and so does the Secure Boot template under which it boots.",
    fix="Write the operating system of the image as guest.os, or correct the image's os.",
    example="images: {ubuntu: {path: 'D:\\images\\ubuntu.vhdx', os: linux}}\nvms: [{name: web1, disk: {image: ubuntu}, guest: {os: windows}}]",
    source=SECURE_BOOT,
)


@detects(IMAGE_OF_ANOTHER_SYSTEM)
def image_of_another_system(index: TopologyIndex) -> Iterator[Finding]:
    """A guest whose system is not that of its image."""
    for disk in index.disks:
        image, place, vm = disk.image, disk.machine, disk.vm
        if image is not None and disk.is_system_disk and vm.guest.os not in ("none", image.os):
            yield index.finding(
                IMAGE_OF_ANOTHER_SYSTEM,
                place.subject,
                (*place.keys, "guest", "os"),
                tr(
                    "has a {os} guest, and its image {image} has {image_os}",
                    os=vm.guest.os,
                    image=image.name,
                    image_os=image.os,
                ),
            )


IMAGE_AS_DISK = Rule(
    code="image-as-disk",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM has the file of an image as its own disk.",
    why="The VM writes to its disk. Every differencing disk on a parent that has changed is unusable, and a generalized Windows on the image itself gets no answer file.",
    fix="Write disk: {image: NAME}: the VM gets a differencing disk on the image.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}\nvms:\n  - {name: a, disk: {image: ws2022}}\n  - {name: b, disk: {path: 'D:\\images\\ws2022.vhdx'}}",
    source=INFERRED,
    variants=(Variant("warning", "if no other VM of the file uses the image"),),
)


@detects(IMAGE_AS_DISK)
def image_as_disk(index: TopologyIndex) -> Iterator[Finding]:
    """A VM of the host that boots from an image itself, and so changes it."""
    users: dict[str, dict[str, None]] = defaultdict(dict)
    for disk in index.disks:
        if disk.image is not None and disk.disk.is_differencing:
            users[disk.image.name][disk.subject] = None
    for disk in index.disks:
        image = disk.image
        if image is None or not disk.disk.path or len(disk.machine.path) > 1:
            continue
        others = list(users.get(image.name, ()))
        is_windows = disk.is_system_disk and disk.vm.guest.os == "windows"
        stops = is_windows and not image.prepared
        then = (
            tr("it writes to it, which makes the disks of {vms} unusable", vms=listed(others))
            if others
            else tr(
                "its Windows is generalized, gets no answer file, and stops at its setup screens"
            )
            if stops
            else tr("it writes to it, and no differencing disk can be on the image after that")
        )
        keys = (*disk.keys, "path")
        message = tr(
            "has the file of image {image} as its own disk: {effect}",
            image=image.name,
            effect=then,
        )
        yield index.finding(
            IMAGE_AS_DISK.at("error" if others or stops else "warning"),
            disk.subject,
            keys,
            message,
            hint=tr(
                "Write disk: {{image: {image}}}: the VM gets a differencing disk on it.",
                image=image.name,
            )
            if disk.is_system_disk
            else tr(
                "Write in disks: {{image: {image}}}: the VM gets a differencing disk on it.",
                image=image.name,
            ),
        )


DETECTORS = (
    unknown_image,
    duplicate_image,
    image_of_another_system,
    image_as_disk,
    path_inside_nested_host,
    image_not_used,
)
"""The detectors of this module, in the order of their findings."""
