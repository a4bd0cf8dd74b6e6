"""Files in their short form, each with the long form that it stands for, worked out separately."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from nestlab.model.plain import Plain

VARIABLES = ("n", "seat", "x_1")


@dataclass
class Text:
    """A text of an item: literal parts, and variables with an offset and a width."""

    parts: list[str | tuple[str, int, int]]

    def short(self, *, counted: bool) -> str:
        def part(value) -> str:
            if isinstance(value, str):
                return value.replace("{", "{{").replace("}", "}}") if counted else value
            name, offset, width = value
            return f"{{{name}{f'{offset:+d}' if offset else ''}{f':0{width}' if width else ''}}}"

        return "".join(map(part, self.parts))

    def long(self, env: dict[str, int]) -> str:
        return "".join(
            part if isinstance(part, str) else str(env[part[0]] + part[1]).rjust(part[2], "0")
            for part in self.parts
        )


class ShortFiles:
    """Draws topologies as short data and as the long data that they mean."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.vm_defaults: dict[str, Plain] = {}
        self.adapter_defaults: dict[str, Plain] = {}

    def draw(self) -> tuple[Plain, Plain]:
        """Return the plain data of a short file and of the long one."""
        short: dict[str, Plain] = {"name": "lab"}
        if self.random.random() < 0.6:
            self.vm_defaults = self._some(
                processor_count=4, memory_startup="3GB", notes="of all",
                guest=self._some(os="windows", credential="admin"), disk={"image": "ws2022"},
            )  # fmt: skip
            self.adapter_defaults = self._some(
                mac_address_spoofing=True, switch="Lab", vlan={"access": 5}
            )
            defaults = {"vm": self.vm_defaults, "network_adapter": self.adapter_defaults}
            short["defaults"] = {name: value for name, value in defaults.items() if value}
        long = {"name": "lab"}
        for key, draw in (("switches", self._switch), ("vms", self._vm)):
            items = [self._item(draw, (), 0) for _ in range(self.random.randint(0, 3))]
            short[key] = [item for item, _ in items]
            long[key] = [copy for _, expand in items for copy in expand({})]
        return short, long

    def _some(self, **values: Plain) -> dict[str, Plain]:
        return {key: value for key, value in values.items() if value and self.random.random() < 0.6}

    def _item(self, draw, names, depth):
        """Return an item in its short form, and the function that returns its copies."""
        name = self.random.choice(VARIABLES)
        count = self.random.choice([None, None, 1, 2, 3])
        inner = names if count is None else (*names, name)
        short, expand = draw(inner, depth)
        if count is None:
            return short, lambda env: [expand(env)]
        given = count if name == "n" and self.random.random() < 0.7 else {name: count}
        short["count"] = given
        return short, lambda env: [expand({**env, name: k}) for k in range(1, count + 1)]

    def _text(self, names, *literals: str) -> Text:
        parts: list = [self.random.choice(literals)]
        for name in dict.fromkeys(names):
            if self.random.random() < 0.7:
                parts.append((name, self.random.choice([0, 0, 10]), self.random.choice([0, 0, 3])))
                parts.append(self.random.choice(["", "-", "{y}"]))
        return Text(parts)

    def _switch(self, names, _depth):
        name = self._text(names, "Lab", "{A}")
        address = Text(["10.0.0.", (names[-1], 10, 0), "/24"] if names else ["10.0.0.1/24"])
        short = {"name": name.short(counted=bool(names)), "switch_type": "Internal"}
        short["ip_address"] = address.short(counted=bool(names))
        return short, lambda env: {
            "name": name.long(env), "switch_type": "Internal", "ip_address": address.long(env)
        }  # fmt: skip

    def _adapter(self, names, _depth):
        name = self._text(names, "Nic")
        own = self._some(switch="Own", vlan=self.random.choice([{"access": 7}, {"trunk": [1, 2]}]))
        short = {"name": name.short(counted=bool(names)), **own}
        return short, lambda env: {**self.adapter_defaults, "name": name.long(env), **own}

    def _vm(self, names, depth):
        name, notes = self._text(names, "vm", "{A}"), self._text(names, "note ")
        own = self._some(
            processor_count=2, guest=self._some(os="linux", credential="own"),
            disk=self.random.choice([{"size": "40GB"}, {"path": "a.vhdx"}]),
        )  # fmt: skip
        lists = [("network_adapters", self._adapter)]
        if depth < 2 and self.random.random() < 0.5:
            lists += [("switches", self._switch), ("vms", self._vm)]
        drawn = {
            key: [self._item(draw, names, depth + 1) for _ in range(self.random.randint(0, 2))]
            for key, draw in lists
        }
        own_notes = self.random.random() < 0.5
        short = {"name": name.short(counted=bool(names)), **own}
        if own_notes:
            short["notes"] = notes.short(counted=bool(names))
        self._place(short, {key: [item for item, _ in items] for key, items in drawn.items()})

        def expand(env):
            long = {**self.vm_defaults, **own, "name": name.long(env)}
            long["guest"] = {**self.vm_defaults.get("guest", {}), **own.get("guest", {})}
            if own.get("disk", {}).get("size") and "disk" in self.vm_defaults:
                long["disk"] = {**self.vm_defaults["disk"], **own["disk"]}
            if own_notes:
                long["notes"] = notes.long(env)
            copies = {
                key: [copy for _, inner in items for copy in inner(env)]
                for key, items in drawn.items()
            }
            self._place(long, copies)
            return long

        return short, expand

    @staticmethod
    def _place(vm: dict[str, Plain], lists: dict[str, list[Plain]]) -> None:
        vm["network_adapters"] = lists.pop("network_adapters")
        if lists:
            vm["nested"] = lists
