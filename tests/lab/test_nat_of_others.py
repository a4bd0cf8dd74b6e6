"""A NAT of a lab that translates the network of another lab: it stays, and is said."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused, StalePlan
from nestlab.model import Cmdlet

HEAD = r"""
name: {name}
images: {{ws2022: {{path: 'D:\images\ws2022.vhdx', os: windows}}}}
defaults: {{vm: {{memory_startup: 1GB, disk: {{image: ws2022}}, guest: {{os: windows, credential: lab-admin}}}}}}
"""
ONE = (
    HEAD.format(name="one")
    + """
switches: [{name: L1, switch_type: Internal, ip_address: 10.3.0.1/24, nat: 10.3.0.0/16}]
vms: [{name: a, network_adapters: [{switch: L1, ip_address: 10.3.0.11/24, gateway: 10.3.0.1}]}]
checks: [{from: a, to: internet}]
"""
)
TWO = (
    HEAD.format(name="two")
    + """
switches: [{name: L2, switch_type: Internal, ip_address: 10.3.4.1/24}]
vms: [{name: b, network_adapters: [{switch: L2, ip_address: 10.3.4.11/24, gateway: 10.3.4.1}]}]
"""
)
USED = "it also translates 10.3.4.0/24 on switch L2 of two"


@pytest.fixture
def labs(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    host = nestlab.connect("sim:ws2016-intel")
    built = [nestlab.Lab(nestlab.loads(text), host) for text in (ONE, TWO)]
    for lab in built:
        assert all(result.ok for result in lab.apply())
    return built


def nats(lab):
    return [record["Name"] for record in lab.host.run(Cmdlet("Get-NetNat")).records]


def test_destroy_keeps_it_and_says_so(labs):
    one, two = labs
    plan = one.plan_destroy()
    (kept,) = (each for each in plan.unchanged if each.subject == "NAT nestlab.one.L1")
    assert kept.why == f"kept: {USED}; `--disconnect-others` removes it anyway"
    assert all(result.ok for result in one.destroy())
    assert nats(one) == ["nestlab.one.L1"]
    assert [each.code for each in nestlab.drift(two.topology, two.host)] == []
    assert all(result.ok for result in two.destroy())
    assert all(result.ok for result in one.destroy())
    assert nats(one) == []


def test_with_consent_it_is_removed_as_a_hazard(labs):
    one, _ = labs
    plan = one.plan_destroy(disconnect_others=True)
    (step,) = (each for each in plan if each.action == "remove-nat")
    assert step.hazard == "may-cut-connection"
    assert USED in step.why
    assert all(result.ok for result in one.destroy(disconnect_others=True))
    assert nats(one) == []


def test_what_stands_on_it_since_the_plan_was_made(labs):
    one, two = labs
    assert all(result.ok for result in two.destroy())
    plan = one.plan_destroy()
    assert "remove-nat" in [step.action for step in plan]
    assert all(result.ok for result in two.apply())
    with pytest.raises(StalePlan, match=r"no longer needed: Remove the NAT nestlab\.one\.L1"):
        list(one.destroy(plan))
    assert nats(one) == ["nestlab.one.L1"]


def test_what_stands_on_it_since_the_run_began(labs):
    one, two = labs
    assert all(result.ok for result in two.destroy())
    texts = []
    for result in one.destroy():
        texts.append(str(result))
        if len(texts) == 1:
            assert all(each.ok for each in two.apply())
    assert nats(one) == ["nestlab.one.L1"]
    assert any(USED in text for text in texts)


def test_undo_keeps_it_and_says_so(labs):
    one, _ = labs
    texts = [str(result) for result in one.undo()]
    assert nats(one) == ["nestlab.one.L1"]
    assert any(USED in text for text in texts)


def changed(nat):
    return nestlab.loads(ONE.replace(", nat: 10.3.0.0/16", nat).replace("checks", "x-checks"))


def test_a_plan_for_a_file_without_it_keeps_it_and_lists_it(labs):
    lab = nestlab.Lab(changed(""), labs[0].host)
    plan = lab.plan()
    assert [*plan.steps] == []
    (left,) = plan.remainder
    assert (left.subject, left.holds[0]) == ("NAT nestlab.one.L1", "10.3.0.0/16")
    assert left.holds[1] == f"kept: {USED}; `--disconnect-others` removes it anyway"
    assert [each.code for each in nestlab.drift(lab.topology, lab.host)] == ["left-over"]
    assert all(result.ok for result in lab.apply())
    assert nats(lab) == ["nestlab.one.L1"]


def test_a_plan_for_another_prefix_is_refused(labs):
    lab = nestlab.Lab(changed(", nat: 10.3.0.0/24"), labs[0].host)
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    (finding,) = refused.value.findings
    assert (finding.code, finding.subject) == ("nat-in-use", "switch L1")
    assert USED in finding.message
    assert "nat-in-use" in [each.code for each in nestlab.drift(lab.topology, lab.host)]


@pytest.mark.parametrize(
    ("new", "action"), [("", "remove-nat"), (", nat: 10.3.0.0/24", "replace-nat")]
)
def test_with_consent_a_plan_takes_it_from_others_as_a_hazard(labs, tmp_path, new, action):
    lab = nestlab.Lab(changed(new), labs[0].host)
    plan = lab.plan(disconnect_others=True)
    (step,) = (each for each in plan if each.action == action)
    assert step.hazard == "may-cut-connection"
    assert USED in step.why
    plan.save(tmp_path / "plan.json")
    assert all(result.ok for result in lab.apply(nestlab.load_plan(tmp_path / "plan.json")))
    assert list(nestlab.drift(lab.topology, lab.host)) == []


def test_a_vm_of_others_on_the_switch_itself_keeps_it(labs):
    one, two = labs
    assert all(result.ok for result in two.destroy())
    one.host.run(Cmdlet("New-VM", {"Name": "guest", "NoVHD": True, "SwitchName": "L1"}))
    one.host.run(Cmdlet("Set-VM", {"Name": "guest", "Notes": "theirs"}))
    (left,) = nestlab.Lab(changed(""), one.host).plan().remainder
    assert left.holds[1] == (
        "kept: it also translates what VM guest on switch L1 sends; "
        "`--disconnect-others` removes it anyway"
    )


GUEST = TWO.replace(
    "name: L2, switch_type: Internal, ip_address: 10.3.4.1/24", "name: L1, existing: true"
)
GUEST = GUEST.replace("switch: L2", "switch: L1").replace("10.3.4.", "10.3.0.")


def with_guest_on_the_switch(labs, address):
    """Two labs, of which the second has only a VM with this address on the switch of the first."""
    one, two = labs
    assert all(result.ok for result in two.destroy())
    text = GUEST.replace("10.3.0.11/24", f"{address}/24")
    assert all(result.ok for result in nestlab.Lab(nestlab.loads(text), two.host).apply())
    return one


def narrowed():
    """The lab on a smaller network; a NAT translates at least the network of its switch."""
    text = ONE.replace("/24", "/28").replace("nat: 10.3.0.0/16", "nat: 10.3.0.0/28")
    return nestlab.loads(text.replace("checks", "x-checks"))


def test_a_prefix_without_the_address_of_a_vm_of_others_on_the_switch_is_refused(labs):
    one = with_guest_on_the_switch(labs, "10.3.0.50")
    lab = nestlab.Lab(narrowed(), one.host)
    (finding,) = plan_findings(lab)
    assert (finding.code, finding.subject) == ("switch-address-in-use", "switch L1")
    assert "VM b may use it" in finding.message
    assert finding.code in [each.code for each in nestlab.drift(lab.topology, lab.host)]


def test_with_consent_the_network_is_taken_from_a_vm_of_others_on_the_switch(labs):
    one = with_guest_on_the_switch(labs, "10.3.0.50")
    moved = ONE.replace("10.3.0.", "10.3.1.").replace("10.3.1.0/16", "10.3.1.0/24")
    lab = nestlab.Lab(nestlab.loads(moved), one.host)
    assert [each.code for each in plan_findings(lab)] == ["switch-address-in-use"]
    plan = lab.plan(disconnect_others=True)
    (step,) = (each for each in plan if each.action == "replace-nat")
    assert step.hazard == "may-cut-connection"
    assert "what VM b on switch L1 sends" in step.why
    assert all(result.ok for result in lab.apply(plan))
    assert list(nestlab.drift(lab.topology, lab.host)) == []


def test_a_prefix_that_still_has_the_address_of_a_vm_of_others_is_no_hazard(labs):
    one = with_guest_on_the_switch(labs, "10.3.0.12")
    plan = nestlab.Lab(changed(", nat: 10.3.0.0/24"), one.host).plan()
    (step,) = (each for each in plan if each.action == "replace-nat")
    assert step.hazard == "none"
    assert "VM b" not in step.why


@pytest.mark.parametrize("in_use", [True, False])
def test_a_vm_of_others_whose_address_is_not_known_may_have_any_of_the_switch(labs, in_use):
    one, two = labs
    assert all(result.ok for result in two.destroy())
    one.host.run(Cmdlet("New-VM", {"Name": "guest", "NoVHD": True, "SwitchName": "L1"}))
    lab = nestlab.Lab(narrowed() if in_use else changed(", nat: 10.3.0.0/20"), one.host)
    if not in_use:
        assert [each.hazard for each in lab.plan() if each.action == "replace-nat"] == ["none"]
        return
    (finding,) = plan_findings(lab)
    assert finding.code == "switch-address-in-use"
    assert "VM guest may use it" in finding.message


def test_undo_does_not_take_back_a_prefix_that_others_use_by_now(labs, tmp_path):
    one, two = labs
    assert all(result.ok for result in two.destroy())
    journal = tmp_path / "narrow.jsonl"
    wider = nestlab.Lab(changed(", nat: 10.3.0.0/24"), one.host)
    assert all(result.ok for result in wider.apply())
    back = nestlab.Lab(changed(", nat: 10.3.0.0/16"), one.host, journal)
    assert all(result.ok for result in back.apply())
    assert all(result.ok for result in two.apply())
    (result,) = nestlab.undo(one.host, journal)
    assert result.status == "skipped"
    assert USED in result.message
    (result,) = nestlab.undo(one.host, journal, disconnect_others=True)
    assert result.status == "done"


def test_a_prefix_that_still_covers_the_others_is_no_hazard(labs):
    changed = nestlab.loads(ONE.replace("nat: 10.3.0.0/16", "nat: 10.3.0.0/20"))
    plan = nestlab.Lab(changed, labs[0].host).plan()
    (step,) = (each for each in plan if each.action == "replace-nat")
    assert step.hazard == "none"
    assert "also translates" not in step.why


def test_a_nat_that_only_its_own_network_uses_is_removed(labs):
    one, two = labs
    assert all(result.ok for result in two.destroy())
    assert not [each for each in one.plan_destroy().unchanged if "NAT" in each.subject]
    assert all(result.ok for result in one.destroy())
    assert nats(one) == []


def plan_findings(lab, **options):
    with pytest.raises(PlanRefused) as refused:
        lab.plan(**options)
    return list(refused.value.findings)


def test_a_prune_that_keeps_it_is_refused_where_the_file_has_another_for_its_network(labs):
    lab = nestlab.Lab(nestlab.loads(ONE.replace("L1", "L9")), labs[0].host)
    (finding,) = plan_findings(lab, prune=True)
    assert (finding.code, finding.subject) == ("remainder-conflict", "switch L9")
    assert finding.message == (
        "gets a NAT for 10.3.0.0/16, which the NAT nestlab.one.L1 of host translates; "
        f"kept: {USED}; `--disconnect-others` removes it anyway"
    )
    assert "name it in the file again" in finding.hint
    assert finding.plan_option is None
    of_nat = plan_findings(lab)[-1]
    assert of_nat.message == finding.message
    assert "`--prune` and `--disconnect-others`" in of_nat.hint
    assert lab.plan(prune=True, disconnect_others=True).steps[0].action == "remove-nat"


def test_a_nat_that_stays_is_refused_a_second_one_beside_it_before_windows_server_2022(labs):
    second = ", {name: L9, switch_type: Internal, ip_address: 10.9.0.1/24, nat: 10.9.0.0/24}]\nvms"
    text = ONE.replace(", nat: 10.3.0.0/16", "").replace("]\nvms", second)
    lab = nestlab.Lab(nestlab.loads(text.replace("checks", "x-checks")), labs[0].host)
    for options in ({}, {"prune": True}):
        (finding,) = plan_findings(lab, **options)
        assert (finding.code, finding.subject) == ("remainder-conflict", "switch L9")
        assert finding.message == (
            "gets a NAT, and this Windows takes only one: the NAT nestlab.one.L1 of host stays; "
            f"kept: {USED}; `--disconnect-others` removes it anyway"
        )
        assert finding.plan_option is None
    assert all(result.ok for result in lab.apply(lab.plan(disconnect_others=True)))
    assert nats(lab) == ["nestlab.one.L9"]


def test_a_switch_that_a_prune_keeps_is_refused_the_loss_of_its_address(labs):
    one, two = labs
    assert all(result.ok for result in two.destroy())
    one.host.run(Cmdlet("New-VM", {"Name": "guest", "NoVHD": True, "SwitchName": "L1"}))
    one.host.run(Cmdlet("Set-VM", {"Name": "guest", "Notes": "theirs"}))
    lab = nestlab.Lab(nestlab.loads(ONE.replace("L1", "L9")), one.host)
    found = plan_findings(lab, prune=True)
    kept = "kept: VM guest is connected to it; `--disconnect-others` removes it anyway"
    assert [(finding.code, finding.message) for finding in found] == [
        (
            "remainder-conflict",
            f"gets 10.3.0.1/24, which switch L1 of host has; {kept}",
        ),
        (
            "remainder-conflict",
            (
                "gets a NAT for 10.3.0.0/16, which the NAT nestlab.one.L1 of host translates; "
                "kept: it serves the switch L1, which is kept"
            ),
        ),
    ]
    assert all(result.ok for result in lab.apply(lab.plan(prune=True, disconnect_others=True)))
