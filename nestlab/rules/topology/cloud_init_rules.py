"""Rules about Linux guests that cloud-init sets up from a seed disk."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import NOCLOUD
from nestlab.model.finding import Finding
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

CLOUD_INIT_NEEDS_LINUX = Rule(
    code="cloud-init-needs-linux",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A guest that is not declared as Linux has cloud_init: true.",
    why="The seed disk is read by cloud-init, which Linux images have. nestlab sets up Windows over PowerShell Direct.",
    fix="Write guest: {os: linux, cloud_init: true}, or remove cloud_init.",
    example="vms: [{name: web1, guest: {os: windows, credential: lab, cloud_init: true}}]",
    source=NOCLOUD,
)


@detects(CLOUD_INIT_NEEDS_LINUX)
def cloud_init_needs_linux(index: TopologyIndex) -> Iterator[Finding]:
    """A seed disk for a guest that does not read it."""
    for place, vm in index.vms:
        if vm.guest.cloud_init and vm.guest.os != "linux":
            message = (
                tr("has cloud_init but is a Windows guest")
                if vm.guest.os == "windows"
                else tr("has cloud_init but has no guest.os")
            )
            yield index.finding(
                CLOUD_INIT_NEEDS_LINUX,
                place.subject,
                (*place.keys, "guest", "cloud_init"),
                message,
            )


SEED_NOT_READ = Rule(
    code="seed-not-read",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A Linux guest with cloud_init has an empty system disk, or none.",
    why="A seed disk is read by cloud-init, which is part of an installed system: nothing reads the seed disk until Linux with cloud-init is installed.",
    fix="Set disk: {image: NAME} to an image with cloud-init, such as a cloud image of the distribution converted to VHDX.",
    example="vms: [{name: web1, guest: {os: linux, credential: lab, cloud_init: true}, disk: {size: 40GB}}]",
    source=NOCLOUD,
)


@detects(SEED_NOT_READ)
def seed_not_read(index: TopologyIndex) -> Iterator[Finding]:
    """A seed disk beside a system disk on which nothing is installed."""
    for place, vm in index.vms:
        if vm.has_seed and (vm.disk is None or vm.disk.is_empty):
            yield index.finding(
                SEED_NOT_READ,
                place.subject,
                (*place.keys, "disk"),
                tr("has cloud_init and an empty disk: nothing in it reads the seed disk")
                if vm.disk
                else tr("has cloud_init and no disk: nothing in it reads the seed disk"),
            )


SEED_WITHOUT_ACCOUNT = Rule(
    code="seed-without-account",
    severity="info",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A Linux guest with cloud_init names no credential, so cloud-init creates no account in it.",
    why="Cloud images come without an account that has a password: its addresses are set, and no account can sign in.",
    fix="Add credential: NAME to the guest, unless its image has an account that you know.",
    example="vms: [{name: web1, guest: {os: linux, cloud_init: true}, disk: {path: 'D:\\vms\\web1.vhdx'}}]",
    source=NOCLOUD,
)


@detects(SEED_WITHOUT_ACCOUNT)
def seed_without_account(index: TopologyIndex) -> Iterator[Finding]:
    """A seed disk without an account."""
    for place, vm in index.vms:
        if vm.has_seed and not vm.guest.credential:
            yield index.finding(
                SEED_WITHOUT_ACCOUNT,
                place.subject,
                (*place.keys, "guest"),
                tr("has cloud_init but names no credential: cloud-init creates no account in it"),
            )


DETECTORS = (cloud_init_needs_linux, seed_not_read, seed_without_account)
"""The detectors of this module, in the order of their findings."""
