"""The keys of the whole topology, and of its checks."""

from __future__ import annotations

from nestlab.model.topology import Check, Topology
from nestlab.texts import mark
from nestlab.topology_file.key_types import Key, ListOf, MapOf, OneLine, Shape
from nestlab.topology_file.keys.default_keys import DEFAULTS
from nestlab.topology_file.keys.image_keys import IMAGE, IMAGE_NAME
from nestlab.topology_file.keys.machine_keys import MACHINE_KEYS, VM_SHAPE
from nestlab.topology_file.keys.network_keys import UPLINK
from nestlab.topology_file.keys.switch_keys import SWITCH
from nestlab.topology_file.scalars import NON_EMPTY_TEXT, TEXT, TOPOLOGY_NAME, choice

CHECK = Shape(
    "a check",
    Check,
    (
        Key(
            "from",
            NON_EMPTY_TEXT,
            "A VM name, a machine path, host, or an IP address.",
            required=True,
            attribute="source",
        ),
        Key(
            "to",
            NON_EMPTY_TEXT,
            "A VM name, a machine path, host, internet, or an IP address.",
            required=True,
            attribute="target",
        ),
        Key(
            "expect",
            choice({"reachable": True, "unreachable": False}),
            "reachable or unreachable.",
            attribute="reachable",
        ),
    ),
    line=OneLine(("{from} to {to}: {expect}", "{from} to {to}"), "web1 to internet"),  # not shown
)
TOPOLOGY = Shape(
    "a topology",
    Topology,
    (
        Key(
            "name",
            TOPOLOGY_NAME,
            "Name of the topology; marks what it creates.",
            required=True,
            label="Topology name",
            hint=mark("letters, digits and hyphens"),
        ),
        Key("description", TEXT, "What the topology is for.", label="Description"),
        Key("uplinks", ListOf(UPLINK), "What is known about the physical networks."),
        Key(
            "images",
            MapOf(IMAGE_NAME, IMAGE),
            "Disk images by name, for `disk: {image: NAME}` at any level.",
        ),
        Key("switches", ListOf(SWITCH), "Switches of the host."),
        Key("vms", ListOf(VM_SHAPE), "VMs of the host."),
        *MACHINE_KEYS,
        Key(
            "checks",
            ListOf(CHECK),
            "Expected reachability: traced by `nestlab validate` and before a plan; verified on the live lab by `nestlab verify`.",
            label="Checks",
        ),
    ),
    short_forms=(DEFAULTS,),
)
