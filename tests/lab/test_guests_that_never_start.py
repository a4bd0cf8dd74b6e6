"""What plan, drift and apply say of a guest in which nothing starts, and hints that are followed.

Before, a VM of generation 1 on an image for generation 2 got a general list of reasons, the advice to
remove `generation: 1` ended in "cannot change", and an image that is used by the path of its file
gave no advice at all.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import GuestUnreachable, PlanRefused
from nestlab.rules import validate

IMAGE = r"images: {win: {path: 'D:\images\ws2022.vhdx', os: windows}}"
PATH = r"D:\images\ws2022.vhdx"
LAB = """
name: lab
{images}
vms:
  - name: a
    memory_startup: 2GB
    generation: 1
    disk: {{{disk}}}
    guest: {{os: windows, credential: c}}
"""
DISKS = ["image: win", f"parent: '{PATH}'", f"path: '{PATH}'", "parent: 'd:/IMAGES/ws2022.VHDX'"]


def lab_of(host, text, tmp_path):
    return nestlab.Lab(nestlab.loads(text), host, tmp_path / "j.jsonl")


def never_started(tmp_path, disk="image: win", images=IMAGE):
    """A host on which the guest of a lab has been waited for in vain, the lab, and the error."""
    host = nestlab.connect("sim:ws2022-intel")
    text = LAB.format(images=images, disk=disk)
    lab = lab_of(host, text, tmp_path)
    with pytest.raises(GuestUnreachable, match="No Windows has") as error:
        list(lab.apply())
    return text, lab, error.value


# On this host, `path` of an image is refused: it is the parent of the disk of another VM.
@pytest.mark.parametrize("disk", [disk for disk in DISKS if "path" not in disk])
def test_a_wrong_generation_is_among_the_reasons_with_the_way_out(disk, tmp_path):
    _, lab, error = never_started(tmp_path, disk)
    (found,) = nestlab.drift(lab.topology, lab.host)
    (deferred,) = lab.plan().deferred
    for text in (error.hint, deferred.why, found.message):
        assert "a has generation 1" in text
        assert "remove generation: 1" in text
        assert "--recreate a" in text


def test_a_vm_of_a_wrong_generation_is_recreated_with_the_other_one(tmp_path):
    text, lab, _ = never_started(tmp_path)
    followed = lab_of(lab.host, text.replace("    generation: 1\n", ""), tmp_path)
    with pytest.raises(PlanRefused, match="cannot change"):
        followed.plan()
    plan = followed.plan(recreate=["a"])
    assert [str(result) for result in followed.apply(plan) if not result.ok] == []
    assert followed.plan().is_empty


def test_a_generation_that_the_file_declares_for_the_image_is_not_doubted(tmp_path):
    images = IMAGE.replace("windows}", "windows, generation: 1}")
    _, _, error = never_started(tmp_path, images=images)
    assert "a has generation 1" not in error.hint


@pytest.mark.parametrize("prepared", ["", ", prepared: true"])
@pytest.mark.parametrize("disk", DISKS)
def test_an_image_by_its_path_has_the_advice_about_sysprep_too(disk, prepared, tmp_path):
    # Windows of the image waits at its first-run screens: it was generalized, and the file denies it.
    host = nestlab.connect("sim:ws2022-generalized?language=en")
    images = IMAGE.replace("windows}", f"windows{prepared}}}")
    text = LAB.format(images=images, disk=disk).replace("    generation: 1\n", "")
    lab = lab_of(host, text, tmp_path)
    with pytest.raises(nestlab.errors.NestlabError):
        list(lab.apply())
    (deferred,) = lab.plan().deferred
    for advice in (deferred.advice, deferred.refused_advice):
        assert "image win was generalized" in advice
        assert "prepared: false" in advice
        assert "--recreate a" in advice
        assert ("disk: {image: win}" in advice) is disk.startswith("path")


def test_a_file_that_no_image_describes_has_no_advice_about_an_image(tmp_path):
    _, lab, _ = never_started(tmp_path, f"parent: '{PATH}'", images="")
    (deferred,) = lab.plan().deferred
    assert "sysprep" not in deferred.why
    assert "a has generation 1" in deferred.why


HINTS = [
    (IMAGE.replace("windows}", "windows, generation: 2}"), "generation: 1", "image-of-another-generation"),
    (IMAGE, "generation: 1", "image-of-another-generation"),
    (IMAGE, "generation: 1\n    secure_boot: true", "secure-boot-needs-generation-2"),
    (IMAGE, "generation: 1\n    tpm: true", "tpm-not-possible"),
    (IMAGE, "generation: 1\n    processor_count: 128", "too-many-processors"),
    (IMAGE.replace("vhdx", "vhd"), "generation: 2", "disk-format-wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("images", "generation", "code"), HINTS)
def test_a_hint_to_change_the_generation_says_that_it_takes_a_new_vm(images, generation, code):
    text = LAB.format(images=images, disk="image: win").replace("generation: 1", generation)
    (found,) = (f for f in validate(nestlab.loads(text)) if f.code == code)
    assert "--recreate a" in found.hint
    assert "deletes its disks" in found.hint
