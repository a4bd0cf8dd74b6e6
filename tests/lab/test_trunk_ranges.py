"""Trunks with ranges of VLANs: kept as ranges, from the file to the cmdlet and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nestlab
from nestlab.model.vlan_ids import (
    has_vlan,
    merged_vlans,
    parse_vlan_list,
    vlan_list_text,
    vlan_range,
)
from nestlab.topology_file import dumps

LAB = """
name: firewall-lab
switches: [{name: P, switch_type: Private}]
vms:
  - name: fw
    memory_startup: 1GB
    disk: {size: 4GB}
    network_adapters: [{switch: P, vlan: {trunk: %s, native: 0}}]
"""
WRITTEN = {
    "'1-10'": "1-10",
    "[1-10, 30]": "1-10,30",
    "[1-10, 711-719]": "1-10,711-719",
    "'1-10, 711-719'": "1-10,711-719",
    "[1-4094]": "1-4094",
    "10": "10",
    "[30, 1-10, 5-12]": "1-12,30",
    "[10, 20]": "10,20",
    "[5-5]": "5",
}
SPANS = st.tuples(st.integers(1, 4094), st.integers(0, 60)).map(
    lambda pair: vlan_range(pair[0], min(4094, pair[0] + pair[1]))
)


def vlan_of(topology, name="fw"):
    return topology.machine((name,)).network_adapters[0].vlan


@pytest.mark.parametrize(("written", "cmdlet"), WRITTEN.items())
def test_a_range_goes_to_the_cmdlet_and_comes_back_as_one(written, cmdlet):
    host = nestlab.connect()
    lab = nestlab.Lab(nestlab.loads(LAB % written), host)
    assert nestlab.validate(lab.topology).ok
    texts = [str(each) for step in lab.plan().steps for each in step.cmdlets]
    (vlan,) = (text for text in texts if "Set-VMNetworkAdapterVlan" in text)
    assert f"-AllowedVlanIdList '{cmdlet}'" in vlan
    assert all(result.ok for result in lab.apply())
    assert lab.plan().steps == ()
    captured = vlan_of(nestlab.capture(host))
    assert vlan_list_text(captured.trunk) == cmdlet
    assert vlan_of(nestlab.loads(dumps(nestlab.capture(host)))) == captured


def test_a_trunk_of_all_vlans_is_one_short_line():
    host = nestlab.connect()
    assert all(result.ok for result in nestlab.Lab(nestlab.loads(LAB % "[1-4094]"), host).apply())
    assert "vlan: {trunk: [1-4094], native: 0}" in dumps(nestlab.capture(host))


@pytest.mark.parametrize("written", WRITTEN)
def test_saving_keeps_a_trunk_as_it_is_written(tmp_path, written):
    path = tmp_path / "lab.yml"
    text = (LAB % written).lstrip()
    path.write_text(text, encoding="utf-8")
    nestlab.save(nestlab.load(path), path)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("[10-1]", "Write 1-10."),
        ("'10-1'", "Write 1-10."),
        ("[1-]", ""),
        ("[ten]", ""),
        ("[1-10-20]", ""),
        ("[{}]", ""),
        ("''", ""),
    ],
)
def test_what_is_no_vlan_is_refused_at_its_place(written, hint):
    with pytest.raises(nestlab.NestlabError) as refused:
        nestlab.loads(LAB % written)
    (found,) = refused.value.findings
    assert hint in found.hint
    assert ":8:" in found.location


@pytest.mark.parametrize("written", ["[1-5000]", "[0-10]", "'4000-4095'"])
def test_a_vlan_outside_the_tag_is_a_finding(written):
    assert nestlab.validate(nestlab.loads(LAB % written)).codes == ("vlan-out-of-range",)


def test_a_range_of_a_trunk_carries_its_vlans_and_no_others():
    topology = nestlab.loads(
        """
name: trunk
switches: [{name: P, switch_type: Private}]
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Up, switch: P, mac_address_spoofing: true, vlan: {trunk: [100-199], native: 0}}]
    nested:
      switches: [{name: Ext, switch_type: External, net_adapter: Up}]
      vms:
        - {name: in, network_adapters: [{switch: Ext, ip_address: 10.0.0.2/24, vlan: {access: 150}}]}
        - {name: out, network_adapters: [{switch: Ext, ip_address: 10.1.0.2/24, vlan: {access: 200}}]}
  - {name: a, network_adapters: [{switch: P, ip_address: 10.0.0.1/24, vlan: {access: 150}}]}
  - {name: b, network_adapters: [{switch: P, ip_address: 10.1.0.1/24, vlan: {access: 200}}]}
"""
    )
    assert nestlab.trace(topology, "a", "HV1/in").status == "reachable"
    dropped = nestlab.trace(topology, "b", "HV1/out")
    assert dropped.drop.reason == "VLAN_MISMATCH"
    fixes = [str(cmdlet) for fix in dropped.fixes for cmdlet in fix.cmdlets]
    assert any("'100-200'" in text for text in fixes)


@given(st.lists(SPANS, max_size=12))
def test_merging_changes_no_vlan_and_is_its_own_inverse(spans):
    merged = merged_vlans(spans)
    everything = {vlan for item in spans for vlan in (item if isinstance(item, range) else [item])}
    assert {vlan for vlan in range(4096) if has_vlan(merged, vlan)} == everything
    assert parse_vlan_list(vlan_list_text(merged)) == merged == merged_vlans(merged)
