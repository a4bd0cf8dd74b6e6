"""Series as `count`, common values as `defaults`: the file declares the same as written out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.importers.common_values import VM_KEYS, common_values, without_common
from nestlab.importers.counted import with_counts, with_repeats
from nestlab.importers.draft import Item, LabDraft
from nestlab.importers.file_text import file_text
from nestlab.model.topology import Topology
from nestlab.topology_file import loads
from nestlab.topology_file.writing import render


def named(*names, **values):
    return [{"name": name, **values} for name in names]


def written(items, variable="n"):
    return [item for item, _ in with_counts(items, variable)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["web1", "web2", "web3"], [("web{n}", 3)]),
        (["web5", "web6"], [("web{n+4}", 2)]),
        (["web0", "web1"], [("web{n-1}", 2)]),
        (["s08", "s09", "s10"], [("s{n+7:02}", 3)]),
        (["s8", "s9", "s10"], [("s{n+7}", 3)]),
        (["a1", "a3"], [("a1", None), ("a3", None)]),
        (["a2", "a1"], [("a2", None), ("a1", None)]),
        (["a1", "b2"], [("a1", None), ("b2", None)]),
        (["{x}1", "{x}2"], [("{{x}}{n}", 2)]),
        (["S1N1", "S1N2", "S2N1", "S2N2"], [("S1N{n}", 2), ("S2N{n}", 2)]),
        (["a1", "a2", "dc", "a3", "a4"], [("a{n}", 2), ("dc", None), ("a{n+2}", 2)]),
    ],
)
def test_names_in_a_series_become_one_item(names, expected):
    found = [(item["name"], item.get("count")) for item in written(named(*names))]
    assert found == expected


def test_other_numbers_run_along_and_other_differences_end_a_series():
    items = [
        {"name": f"n{i}", "ip": f"10.{i}.0.{i + 10}", "vlan": i, "size": "4TB" if i < 4 else "2TB"}
        for i in range(1, 6)
    ]
    first, second = written(items)
    assert first == {
        "name": "n{n}",
        "count": 3,
        "ip": "10.{n}.0.{n+10}",
        "vlan": "{n}",
        "size": "4TB",
    }
    assert (second["name"], second["count"]) == ("n{n+3}", 2)


def test_a_series_inside_a_series_has_its_own_variable():
    inner = [
        {
            "name": f"vm{i}",
            "nics": written([{"name": f"M{j}", "ip": f"10.{i}.0.9"} for j in (1, 2)], "nic"),
        }
        for i in (1, 2, 3)
    ]
    (found,) = written(inner)
    assert found["nics"] == [{"name": "M{nic}", "count": {"nic": 2}, "ip": "10.{n}.0.9"}]


def test_a_series_has_at_most_1000_items():
    found = written(named(*(f"a{i}" for i in range(1, 1502))))
    assert [item["count"] for item in found] == [1000, 501]


def test_equal_disks_in_a_row_are_counted():
    disks = [{"size": "4TB"}] * 3 + [{"path": r"D:\{a}.vhdx"}] * 2 + [{"size": "4TB"}]
    assert list(with_repeats(disks)) == [
        {"size": "4TB", "count": 3},
        {"path": r"D:\{{a}}.vhdx", "count": 2},
        {"size": "4TB"},
    ]


def test_a_default_is_what_most_have_and_the_others_take_it_away():
    vms = [*named("a", "b", "c", guest={"os": "windows", "credential": "x"}), {"name": "d"}]
    common = common_values(vms, VM_KEYS, may_be_absent=True)
    assert common == {"guest": {"os": "windows", "credential": "x"}}
    assert without_common(vms[0], common) == {"name": "a"}
    assert without_common(vms[3], common) == {"name": "d", "guest": None}


def test_disks_of_other_kinds_have_no_default():
    vms = [*named("a", "b", disk={"image": "w"}), {"name": "c", "disk": {"size": "40GB"}}]
    assert common_values(vms, VM_KEYS, may_be_absent=True) == {}


TEXTS = st.sampled_from(
    ["web", "{n}", "a{", "}", "1", "09", "9", "10", "008", "-", "{{", "x y", "é²"]
)
NAMES = (
    st.lists(TEXTS, min_size=1, max_size=4).map("".join).filter(lambda name: name == name.strip())
)
ADAPTERS = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "ip_address": st.sampled_from(["10.0.0.1/24", "10.0.0.2/24", "10.0.1.3/24"]),
        "vlan": st.sampled_from(
            [{"access": 1}, {"access": 2}, {"trunk": ["1-10", 12], "native": 0}]
        ),
    },
)
VMS = st.fixed_dictionaries(
    {
        "name": NAMES,
        "memory_startup": st.sampled_from(["1GB", "2GB", "4GB"]),
        "network_adapters": st.lists(ADAPTERS, max_size=4, unique_by=lambda a: a["name"].casefold()),
    },
    optional={
        "disks": st.lists(st.sampled_from([{"size": "4TB"}, {"size": "1TB"}]), min_size=1, max_size=4),
        "guest": st.sampled_from([{"os": "windows", "credential": "a{n}"}, {"os": "linux", "credential": "b"}]),
        "disk": st.sampled_from([{"path": r"D:\1.vhdx"}, {"path": r"D:\2.vhdx"}, {"size": "40GB"}]),
    },
)  # fmt: skip


@given(vms=st.lists(VMS, min_size=1, max_size=8, unique_by=lambda vm: vm["name"].casefold()))
@settings(deadline=None)
def test_a_file_declares_the_same_as_written_out(vms):
    draft = LabDraft("lab", vms=[Item(dict(vm)) for vm in vms])
    assert loads(file_text(draft, [])) == loads(render({"name": "lab", "vms": vms}))


def test_a_series_of_many_is_found():
    vms = [
        {
            "name": f"n{i:03}",
            "memory_startup": "2GB",
            "network_adapters": [{"name": f"a{j}"} for j in (1, 2)],
        }
        for i in range(1, 501)
    ]
    text = file_text(LabDraft("lab", vms=[Item(vm) for vm in vms]), [])
    assert len(text.splitlines()) < 12
    topology: Topology = loads(text)
    assert [vm.name for vm in topology.vms] == [vm["name"] for vm in vms]


def test_comments_of_copies_are_joined():
    draft = LabDraft("lab", vms=[Item({"name": f"a{i}"}, ("role X",)) for i in (1, 2)])
    draft.vms += [Item({"name": f"b{i}"}, (f"role {i}\x1b[2J\n# x",)) for i in (1, 2)]
    draft.leave_out("a1", "x\ny: [")
    text = file_text(draft, ["from\nhere"])
    assert text.count("# role X") == 1
    assert "  # b1: role 1\\x1b[2J # x\n  # b2: role 2" in text
    assert len(loads(text).vms) == 4
