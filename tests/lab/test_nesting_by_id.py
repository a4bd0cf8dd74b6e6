"""A nesting change remembers a VM by its Id, and a VM that it could not shut down is not one that it stopped."""

import pytest

import nestlab
from nestlab.errors import Cancelled, CmdletError
from nestlab.model import Cmdlet, ErrorRecord, Size, SwitchParameter
from nestlab.observe import observe
from tests.lab.interrupted import Counter, Interrupted, PowerCut

OFF = {"Name": "db", "TurnOff": SwitchParameter.ON}


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host with the VM db, which runs, and has no guest that could shut down."""
    monkeypatch.chdir(tmp_path)
    return nestlab.connect("sim:busy-host")


def new_vm_named_db(host):
    """Rename db, and create a VM of that name, which is off, as another user may."""
    host.run(
        Cmdlet("Rename-VM", {"Name": "db", "NewName": "db-old"}),
        Cmdlet(
            "New-VM",
            {"Name": "db", "MemoryStartupBytes": 1 << 30, "NoVHD": SwitchParameter.ON},
        ),
    )


def change(host, name="db", *, enable=True, **options):
    return nestlab.NestingChange(host, name, enable=enable, shutdown_seconds=10, **options)


def fails_to_shut_down(host):
    (result,) = change(host).apply()
    assert (result.ok, str(result.step.action)) == (False, "shut-down-vm")


def cut_after_the_stop(host, **options):
    """Enable nesting of db, which is turned off, and end the run before db is started again."""
    enabling = change(host, turn_off=True, **options)
    steps = []

    def confirm(step):
        steps.append(str(step.action))
        if step.action == "start-vm":
            raise PowerCut
        return True

    with pytest.raises(PowerCut):
        [*enabling.apply(confirm=confirm)]
    assert state(host, "db") == "Off"


def state(host, name):
    return {vm.name: vm.state for vm in observe(host).hyper_v.vms}[name]


def actions(changing):
    return [str(step.action) for step in changing.plan().steps]


@pytest.mark.parametrize("enable", [True, False])
def test_a_vm_that_took_the_name_of_a_stopped_one_is_not_started(host, enable):
    cut_after_the_stop(host)
    new_vm_named_db(host)
    assert "start-vm" not in actions(change(host, enable=enable))
    assert all(result.ok for result in change(host, enable=enable).apply())
    assert state(host, "db") == "Off"
    assert actions(change(host, "db-old")) == ["start-vm"]  # the one that the run had stopped


def test_a_vm_that_took_the_name_does_not_get_the_memory_of_the_other(host):
    options = {"memory_startup": Size.parse("8GB"), "processor_count": 4}
    assert all(result.ok for result in change(host, turn_off=True, **options).apply())
    new_vm_named_db(host)
    host.run(
        Cmdlet("Set-VMMemory", {"VMName": "db", "StartupBytes": Size.parse("8GB")}),
        Cmdlet(
            "Set-VMProcessor",
            {"VMName": "db", "Count": 4, "ExposeVirtualizationExtensions": True},
        ),
    )
    plan = change(host, enable=False).plan()
    assert [str(step.action) for step in plan.steps] == ["hide-extensions"]
    assert "no journal here has its values" in plan.unchanged[0].why


@pytest.mark.parametrize("enable", [True, False])
def test_a_vm_that_its_owner_turned_off_after_a_failed_shutdown_stays_off(host, enable):
    fails_to_shut_down(host)
    assert state(host, "db") == "Running"
    host.run(Cmdlet("Stop-VM", OFF))
    assert "start-vm" not in actions(change(host, enable=enable))
    [*change(host, enable=enable).apply()]
    assert state(host, "db") == "Off"


def test_the_same_where_the_wait_for_the_guest_was_cancelled(host):
    class Cancel:
        def __init__(self):
            self.waits = False

        def is_set(self):
            return self.waits

        def wait(self, _timeout=None):
            return self.waits

    cancel = Cancel()

    def on_event(event):
        cancel.waits = event.to_dict()["event"] == "progress" or cancel.waits

    with pytest.raises(Cancelled):
        [*change(host).apply(cancel=cancel, on_event=on_event)]
    host.run(Cmdlet("Stop-VM", OFF))
    assert "start-vm" not in actions(change(host))


def test_a_vm_that_went_off_although_its_shutdown_reported_an_error_is_started_again(host):
    class Failing(Interrupted):
        """Turns the VM off, and reports an error all the same."""

        def run(self, *statements, **options):
            if any(each.last_command.name == "Stop-VM" for each in statements):
                host.run(Cmdlet("Stop-VM", OFF))
                raise CmdletError(statements[0], ErrorRecord("The operation timed out."))
            return super().run(*statements, **options)

    def confirm(step):
        return str(step.action) == "shut-down-vm"  # and not what the change does then

    with pytest.raises(Cancelled):
        [*change(Failing(host, Counter(1000), "error before")).apply(confirm=confirm)]
    assert state(host, "db") == "Off"
    [*change(host).apply()]
    assert state(host, "db") == "Running"


def test_the_undo_of_a_failed_shutdown_has_nothing_to_do(host):
    fails_to_shut_down(host)
    host.run(Cmdlet("Stop-VM", OFF))
    assert all(result.ok for result in change(host).undo())
    assert state(host, "db") == "Off"
