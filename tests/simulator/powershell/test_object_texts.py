"""The text of an object is made of the properties that are said to be in it, and of no others."""

from collections.abc import Mapping

import pytest

from nestlab.simulator.powershell.object_texts import properties_in_text, text_of_object
from nestlab.simulator.powershell.values.object_types import object_type

TYPES = ["DvdDrive", "HardDiskDrive", "VMHostSupportedVersion", "VMNetworkAdapter", "VMSnapshot"]
TYPES += ["VMSwitch", "VirtualMachine", "VMProcessor", "VMMemory", "VMFirmware", "VMSecurity"]
TYPES += ["VMNetworkAdapterVlanSetting", "VirtualHardDisk", "MSFT_NetAdapter", "MSFT_NetRoute"]


class Noting(Mapping):
    """Values of properties, which notes which are read."""

    def __init__(self):
        self.read = set()

    def __getitem__(self, name):
        self.read.add(name)
        return ""

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0


@pytest.mark.parametrize("name", TYPES)
def test_a_text_reads_the_properties_that_are_in_it(name):
    known, values = object_type(name), Noting()
    text_of_object(known, values)
    assert values.read == properties_in_text(known)
