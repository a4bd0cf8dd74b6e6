from typing import Any

from nestlab.drawing import figure, layout, svg
from nestlab.drawing.overlay import overlay
from tests.drawing.labs import bridged_lab, classroom


def hop(at: str, kind: str, does: str = "forwards it") -> dict[str, str]:
    return {"at": at, "kind": kind, "does": does}


BRIDGED = [
    hop("HV1/web1", "machine"),
    hop("HV1: Bridge", "switch"),
    hop("host: Uplink", "switch"),
    hop("the physical network behind Ethernet", "network"),
    hop("gateway 192.0.2.1", "gateway"),
    hop("internet", "internet"),
]


def lines_of(hops: list[dict[str, str]], **more: Any) -> set[str]:
    picture = layout(bridged_lab())
    paths = overlay(picture, {"hops": hops, **more}).paths
    return {line.id for line in picture.lines if line.points in paths}


def test_a_bridged_packet_passes_the_nested_hosts_adapter() -> None:
    assert lines_of(BRIDGED) == {
        "adapter:HV1/web1/0",
        "up:HV1/Bridge",
        "adapter:HV1/0",
        "up:host/Uplink",
        "wire:network:Ethernet",
    }


def test_stations_are_numbered_in_the_order_they_are_met() -> None:
    added = overlay(layout(bridged_lab()), {"hops": BRIDGED + BRIDGED[::-1]})
    assert [badge.text for badge in added.markers] == ["1", "2", "3", "4", "5"]


def test_a_drop_is_marked_at_the_port_of_the_switch() -> None:
    drop = {
        "at": {"machine": "host", "adapter": "HV1/Ethernet", "switch": "Uplink"},
        "reason": "MAC_SPOOFING_OFF",
        "explanation": "Its port takes no other MAC address.",
    }
    picture = layout(bridged_lab())
    added = overlay(picture, {"hops": BRIDGED[:2], "drop": drop})
    port = next(line for line in picture.lines if line.id == "adapter:HV1/0").points[-1]
    assert added.drop is not None
    assert abs(added.drop.at[0] - port[0]) < 8
    assert abs(added.drop.at[1] - port[1]) < 8
    assert "MAC_SPOOFING_OFF" in svg(picture, trace={"hops": BRIDGED[:2], "drop": drop})
    assert lines_of(BRIDGED[:2], drop=drop) == {
        "adapter:HV1/web1/0",
        "up:HV1/Bridge",
        "adapter:HV1/0",
    }


def test_nat_follows_the_dashed_line() -> None:
    picture = layout(classroom(2))
    hops = [
        hop("student1", "machine"),
        hop("host: Lab", "switch"),
        hop("host", "nat"),
        hop("internet", "internet"),
    ]
    paths = overlay(picture, {"hops": hops}).paths
    assert {line.id for line in picture.lines if line.points in paths} == {
        "adapter:student1/0",
        "up:host/Lab",
    }


def test_a_link_in_a_later_row_shows_the_spine_too() -> None:
    picture = layout(classroom(40))
    added = overlay(picture, {"hops": [hop("student39", "machine"), hop("host: Lab", "switch")]})
    assert any(line.kind == "spine" and line.points in added.paths for line in picture.lines)


def test_places_that_are_not_in_the_picture_are_passed_over() -> None:
    drop = {
        "at": {"machine": "gateway", "adapter": None, "switch": None},
        "reason": "NO_ROUTE",
        "explanation": "No route.",
    }
    made = figure(
        bridged_lab(), trace={"hops": [hop("nowhere", "machine"), *BRIDGED[:1]], "drop": drop}
    )
    assert [text.get_text() for text in made.axes[0].texts if text.get_zorder() == 6] == ["1"]
