"""The image of a new VM: the one of a topology that fits, or a first one, which the form offers."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.model import Size
from nestlab.model.topology import VM, Disk, Guest, Image, Topology
from nestlab.model.topology.declared_image import image_named
from nestlab.notebook.designer.parts import Part, vm_at, with_vm
from nestlab.texts import tr

FIRST_IMAGE = Image(name="ws2022", path=r"D:\images\ws2022.vhdx")
"""What the form offers where a topology has no image; the templates and shipped files have it."""
NESTED_MEMORY = Size.parse("8GB")
NESTED_PROCESSORS = 4
_CREDENTIAL = "lab-admin"  # a name to look up


def credential_of(topology: Topology) -> str:
    """Return the credential that the guests of a topology use, or a first one."""
    vms = (vm for _, vm in topology.machines() if isinstance(vm, VM))
    return next((vm.guest.credential for vm in vms if vm.guest.credential), _CREDENTIAL)


def first_vm(topology: Topology, *, nested: bool) -> VM:
    """Return a VM on the first image of the file that fits; Hyper-V needs Windows."""
    fitting = [image for image in topology.images if image.os == "windows" or not nested]
    disk = Disk(image=fitting[0].name) if fitting else None
    is_windows = nested or (bool(fitting) and fitting[0].os == "windows")
    windows = Guest(os="windows", credential=credential_of(topology))
    vm = VM(name="", disk=disk, guest=windows if is_windows else Guest())
    if not nested:
        return vm
    return replace(vm, memory_startup=NESTED_MEMORY, processor_count=NESTED_PROCESSORS)


def with_image(topology: Topology, part: Part, name: str) -> tuple[Topology, str]:
    """Return the topology prepared for a VM's disk to have an image, and what that changed.

    The image that the form offers is added to the topology. The guest of a VM without a declared
    system is that of a Windows image: nestlab can set up what it knows.
    """
    said = []
    if name == FIRST_IMAGE.name and image_named(topology.images, name) is None:
        topology = replace(topology, images=(*topology.images, FIRST_IMAGE))
        said.append(
            tr("The file has it as {path} now, with Windows installed.", path=FIRST_IMAGE.path)
        )
    image, guest = image_named(topology.images, name), vm_at(topology, part.machine).guest
    if image is not None and image.os == "windows" and guest.os == "none":
        known = guest.credential or credential_of(topology)
        windows = replace(guest, os="windows", credential=known)
        topology = with_vm(topology, part.machine, lambda vm: replace(vm, guest=windows))
        said.append(tr("Its guest is Windows, with the credential {credential}.", credential=known))
    return topology, " ".join(said)
