"""There is one undo, whatever wrote the journal."""

import nestlab
from nestlab.model import Cmdlet
from nestlab.model.topology import Topology


def running_change(tmp_path):
    """Return a host on which a nesting change left its VM running, and the change's journal."""
    host, path = nestlab.connect(), tmp_path / "j.jsonl"
    host.run(Cmdlet("Start-VM", {"Name": "build-agent"}))
    host.wait(300)
    assert nestlab.enable_nesting(host, "build-agent", journal=path).ok
    return host, path


def test_a_lab_waits_for_guests_too_where_it_undoes_a_change_of_nesting(tmp_path):
    host, path = running_change(tmp_path)
    events = []
    results = list(
        nestlab.Lab(Topology(name="lab"), host).undo(
            path, on_event=lambda event: events.append(event.to_dict())
        )
    )
    assert [result.message for result in results if not result.ok] == []
    waits = [event for event in events if "to shut down" in event.get("activity", "")]
    assert waits, "the guest was still starting"
    assert [event["event"] for event in events].count("finished") == 1


def test_cut_off_reaches_the_undo_of_a_lab_and_of_its_journal(tmp_path):
    topology = nestlab.loads("name: lab\nswitches: [{name: S, switch_type: Private}]")
    host, path = nestlab.connect(), tmp_path / "j.jsonl"
    lab = nestlab.Lab(topology, host, path)
    assert all(result.ok for result in lab.apply())
    host.run(Cmdlet("Connect-VMNetworkAdapter", {"VMName": "sql-test", "SwitchName": "S"}))
    assert [result.status for result in lab.undo()] == ["skipped"]
    assert [result.status for result in nestlab.undo(host, path, cut_off=True)] == ["done"]
