"""A plan in a file is applied as it stands, or refused in one sentence."""

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nestlab
from nestlab.errors import FileNotWritten, PlanFileError, StalePlan
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.plan import Plan
from nestlab.topology_file import loads

TOPOLOGIES = Path(__file__).parents[1] / "cases" / "topologies"
NAMES = ("bridged-lab", "nat-lab", "two-node-cluster")


def lab_of(name, host, tmp_path):
    return nestlab.Lab(nestlab.load(TOPOLOGIES / f"{name}.yml"), host, tmp_path / "journal.jsonl")


@pytest.fixture
def host():
    return nestlab.connect()


@pytest.fixture
def saved(tmp_path, host):
    """The file of a plan of nat-lab on the host."""
    lab_of("nat-lab", host, tmp_path).plan().save(tmp_path / "plan.json")
    return tmp_path / "plan.json"


def world(host):
    return host.simulated_host.world.to_dict()


@pytest.mark.parametrize("name", NAMES)
def test_it_says_the_very_same(tmp_path, host, name):
    plan = lab_of(name, host, tmp_path).plan()
    plan.save(tmp_path / "plan.json")
    loaded = nestlab.load_plan(tmp_path / "plan.json")
    assert loaded == plan
    assert (loaded.topology, loaded.credentials, str(loaded)) == (
        plan.topology,
        plan.credentials,
        str(plan),
    )
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "plan.json").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_applied_it_does_what_the_plan_does_on_all_levels(tmp_path, name):
    direct, later = nestlab.connect(), nestlab.connect()
    list(lab_of(name, direct, tmp_path / "direct").apply())
    lab_of(name, later, tmp_path).plan().save(tmp_path / "plan.json")
    plan = nestlab.load_plan(tmp_path / "plan.json")
    lab = nestlab.Lab(plan.topology, later, tmp_path / "j.jsonl")
    assert all(result.ok for result in lab.apply(plan))
    assert world(later) == world(direct)
    assert lab.verify().to_dict() == lab_of(name, direct, tmp_path).verify().to_dict()
    assert lab.plan().is_empty


def test_what_else_changed_is_told_and_not_refused(host, saved, tmp_path):
    host.run(
        Cmdlet("New-VMSwitch", {"Name": "Theirs", "SwitchType": "Private"}),
        Cmdlet("New-VM", {"Name": "web", "NoVHD": SwitchParameter.ON}),
    )
    events = []
    results = list(
        lab_of("nat-lab", host, tmp_path).apply(
            nestlab.load_plan(saved), on_event=lambda event: events.append(event.to_dict())
        )
    )
    assert all(result.ok for result in results)
    (told,) = [event for event in events if event["event"] == "host-changed"]
    assert any("switch Theirs is new" in text for text in told["changes"])
    assert any("VM web" in text for text in told["changes"])


def test_an_applied_plan_is_stale_and_says_so(host, saved, tmp_path):
    list(lab_of("nat-lab", host, tmp_path).apply())
    with pytest.raises(
        StalePlan,
        match=r"switch LabNet is new.*no longer needed: Create the Internal switch LabNet",
    ):
        next(lab_of("nat-lab", host, tmp_path).apply(nestlab.load_plan(saved)))


def test_less_memory_than_the_plan_needs_makes_it_stale(host, saved, tmp_path):
    for number in range(9):
        host.run(
            Cmdlet(
                "New-VM",
                {
                    "Name": f"big{number}",
                    "NoVHD": SwitchParameter.ON,
                    "MemoryStartupBytes": 7 << 30,
                },
            )
        )
        if number < 8:
            host.run(Cmdlet("Start-VM", {"Name": f"big{number}"}))
    with pytest.raises(StalePlan, match="memory"):
        next(lab_of("nat-lab", host, tmp_path).apply(nestlab.load_plan(saved)))


def test_another_host_is_refused(saved, tmp_path):
    with pytest.raises(PlanFileError, match="made for sim:ws2022-intel, not for sim:ws2025-amd"):
        next(
            lab_of("nat-lab", nestlab.connect("sim:ws2025-amd"), tmp_path).apply(
                nestlab.load_plan(saved)
            )
        )


def test_another_version_of_the_topology_is_refused(host, saved, tmp_path):
    text = (TOPOLOGIES / "nat-lab.yml").read_text(encoding="utf-8").replace("8GB", "6GB")
    with pytest.raises(PlanFileError, match="another version of the topology nat-lab"):
        next(nestlab.Lab(loads(text), host, tmp_path / "j.jsonl").apply(nestlab.load_plan(saved)))


def edited(saved, edit):
    document = json.loads(saved.read_text(encoding="utf-8"))
    edit(document)
    saved.write_text(json.dumps(document), encoding="utf-8")
    return saved


EDITS = [
    (
        lambda d: d["steps"][0]["cmdlets"].append("Remove-VM -Name 'theirs'"),
        "this plan was changed at steps[0].cmdlets after",
    ),
    (
        lambda d: d["saved"]["plan"]["steps"][0]["cmdlets"][0].update(name="Remove-VM"),
        "this plan was changed at steps[0].cmdlets[0] after",
    ),
    (lambda d: d["saved"]["plan"]["steps"][0].update(creates=False), "this plan was changed after"),
    (
        lambda d: d["saved"]["plan"]["steps"][0].update(creates="no"),
        'saved.plan.steps[0].creates: expected true or false, found "no"',
    ),
    (lambda d: d["saved"]["plan"].pop("steps"), "this plan was changed at steps after"),
    (
        lambda d: d["saved"].update(topology_file="name: 5 5"),
        "cannot be read: saved.topology_file:1:7: error: name: must be",
    ),
    (
        lambda d: d["saved"].update(
            topology_file=d["saved"]["topology_file"].replace("8GB", "6GB")
        ),
        "this plan was changed after",
    ),
    (lambda d: d.pop("saved"), "this is not a saved plan"),
    (
        lambda d: d.update(version=7),
        "this plan has the format version 7, written by nestlab 0.1.0; this version reads versions 1 to 2",
    ),
    (lambda d: d.pop("digest"), "this plan was changed after"),
    (lambda d: d.update(saved=5), "cannot be read: saved: expected an object, found 5"),
    (lambda d: d["saved"].update(credentials=5), "saved.credentials: expected an object, found 5"),
    (
        lambda d: d["saved"].update(state_digests=[]),
        "saved.state_digests: expected an object, found []",
    ),
    (lambda d: d["saved"].update(plan="x"), 'saved.plan: expected an object, found "x"'),
    (
        lambda d: d["saved"]["plan"]["steps"][0].update(hazard="boom"),
        "saved.plan.steps[0].hazard: expected one of none, stops-vm",
    ),
    (
        lambda d: d["saved"]["plan"]["steps"][0].update(cmdlets=[5]),
        "saved.plan.steps[0].cmdlets[0]: expected a cmdlet, found 5",
    ),
    (
        lambda d: d["saved"]["plan"]["steps"][0].pop("title"),
        "saved.plan.steps[0].title is missing",
    ),
]
PYTHON = ("object has no", "argument", "iterable", "subscript", "isoformat", "NoneType", "@ ")


@pytest.mark.parametrize(("edit", "said"), EDITS)
def test_an_edited_plan_is_refused_with_the_place_and_the_way_out(saved, edit, said):
    with pytest.raises(PlanFileError) as error:
        nestlab.load_plan(edited(saved, edit))
    assert said in error.value.message
    assert error.value.message.startswith(str(saved))
    assert [text for text in PYTHON if text in error.value.message] == []
    assert "Plan again" in error.value.hint


@pytest.mark.parametrize("value", [5, "x", [], {}, None, True, [5], {"a": 5}, ["x"]])
def test_no_value_in_a_saved_plan_ends_in_a_text_of_python(saved, value):
    document = json.loads(saved.read_text(encoding="utf-8"))

    def places(node):
        for key in [*(node if isinstance(node, dict) else range(len(node)))][:4]:
            yield node, key
            if isinstance(node[key], dict | list):
                yield from places(node[key])

    for node, key in places({"saved": document["saved"]}):
        kept = node[key]
        if kept == value:
            continue
        node[key] = value
        target = value if key == "saved" else document["saved"]
        saved.write_text(json.dumps({**document, "saved": target}), encoding="utf-8")
        node[key] = kept
        with pytest.raises(PlanFileError) as error:
            nestlab.load_plan(saved)
        assert [text for text in PYTHON if text in error.value.message] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1:1: this plan is damaged"),
        ("[]", "not a saved plan"),
        ('{"a": 1}', "not a saved plan"),
    ],
)
def test_what_is_no_plan_is_said_to_be_none(tmp_path, text, said):
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(PlanFileError, match=said):
        nestlab.load_plan(tmp_path / "plan.json")


def test_a_plan_that_is_not_there(tmp_path):
    with pytest.raises(PlanFileError, match="there is no such file"):
        nestlab.load_plan(tmp_path / "plan.json")


@given(cut=st.floats(0, 1), junk=st.binary(max_size=3))
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path_factory, cut, junk):
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    whole = path.with_name("whole.json")
    if not whole.exists():
        nestlab.Lab(nestlab.load(TOPOLOGIES / "nat-lab.yml"), nestlab.connect()).plan().save(whole)
    data = whole.read_bytes()
    at = int(cut * len(data))
    for damaged in (data[:at] + junk, data[:at] + junk + data[at + 1 :]):
        if not says_the_same(damaged, data):
            path.write_bytes(damaged)
            with pytest.raises(PlanFileError):
                nestlab.load_plan(path)


def says_the_same(one, other):
    try:
        return json.loads(one) == json.loads(other)
    except ValueError:
        return False


def test_what_was_not_made_for_a_topology_is_not_saved(tmp_path):
    with pytest.raises(PlanFileError, match="was not made for a topology"):
        Plan("x", "y").save(tmp_path / "plan.json")
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_cannot_be_written_leaves_nothing(host, tmp_path):
    with pytest.raises(FileNotWritten, match="cannot be written"):
        lab_of("nat-lab", host, tmp_path).plan().save(tmp_path / "none" / "plan.json")
    assert list(tmp_path.iterdir()) == []


def test_no_comment_and_no_password_reaches_the_file(host, tmp_path):
    topology = loads(
        "name: lab  # password: hunter2\nvms: [{name: a, guest: {os: windows, credential: lab-admin}}]"
    )
    nestlab.Lab(topology, host).plan().save(tmp_path / "plan.json")
    text = (tmp_path / "plan.json").read_text(encoding="utf-8")
    assert "lab-admin" in text
    assert "hunter2" not in text


def lab_number(number):
    net = f"10.200.{number}"
    return loads(
        f"name: lab{number}\n"
        f"switches: [{{name: Net{number}, switch_type: Internal, ip_address: {net}.1/24}}]\n"
        f"vms: [{{name: v{number}, memory_startup: 512MB, state: Off, disk: {{size: 1GB}}, network_adapters: [{{switch: Net{number}}}]}}]\n"
    )


def test_thirty_labs_planned_first_are_applied_one_after_the_other(host, tmp_path):
    labs = [
        nestlab.Lab(lab_number(number), host, tmp_path / f"{number}.jsonl") for number in range(30)
    ]
    plans = [lab.plan() for lab in labs]
    for lab, plan in zip(labs, plans, strict=True):
        plan.save(tmp_path / "plan.json")
        assert all(result.ok for result in lab.apply(nestlab.load_plan(tmp_path / "plan.json")))
    assert all(lab.plan().is_empty for lab in labs)


def test_saving_in_many_threads_leaves_one_whole_file(host, tmp_path):
    plan = nestlab.Lab(lab_number(1), host).plan()
    threads = [threading.Thread(target=plan.save, args=(tmp_path / "plan.json",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert nestlab.load_plan(tmp_path / "plan.json") == plan
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


@pytest.mark.parametrize("name", ["plan-1", "plan-1-with-kind"])
def test_a_plan_that_an_earlier_version_saved_is_read_and_held_to_the_rules_of_today(
    name, tmp_path
):
    """Its VMs in HV1 have disks that nothing copies there, which that version only warned of."""
    plan = nestlab.load_plan(Path(__file__).parents[1] / "cases" / "earlier" / f"{name}.json")
    assert (plan.kind, plan.subject) == ("topology", "nat-lab")
    host = nestlab.connect()
    before = world(host)
    with pytest.raises(StalePlan, match=r"HV1/web1: needs the disk .* and nothing copies it there"):
        next(nestlab.Lab(plan.topology, host, tmp_path / "j.jsonl").apply(plan))
    assert world(host) == before
