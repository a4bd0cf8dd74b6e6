"""The cmdlets of NetAdapter, NetTCPIP, NetNat, NetSecurity and DnsClient."""
