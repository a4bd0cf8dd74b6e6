from dataclasses import replace

from nestlab.model import Size
from nestlab.plan import drift
from tests.plan.states import host, interface, switch, vm


def test_what_comes_and_goes_by_itself_is_no_change():
    before = host(vms=(vm("a", heartbeat="NoContact"),), interfaces=(interface("Ethernet", "192.0.2.10/24", interface_metric=25),))
    after = host(
        vms=(vm("a", heartbeat="OkApplicationsHealthy", memory_assigned=Size.parse("2GB")),),
        interfaces=(interface("Ethernet", "192.0.2.10/24", interface_metric=15),),
    )
    assert drift({(): before}, {(): after}) == ()


def test_every_change_is_a_sentence_of_its_own():
    before = host(vms=(vm("a"),), switches=(switch("S"),))
    after = replace(host(vms=(vm("a", "Off"),), switches=(switch("T"),)))
    assert drift({(): before}, {(): after}) == (
        "host: switch S is gone",
        "host: VM a (id-of-a) changed",
        "host: switch T is new",
    )


def test_a_machine_that_answers_no_more():
    assert drift({("HV1",): host()}, {}) == ("HV1 does not answer any more",)
