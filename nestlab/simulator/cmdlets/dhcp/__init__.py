"""The cmdlets of the DHCP server role."""
