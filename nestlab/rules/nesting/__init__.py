"""Rules that need the states of both a VM's host and the guest in the VM."""
