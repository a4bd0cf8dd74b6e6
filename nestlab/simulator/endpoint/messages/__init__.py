"""Messages between a client and the simulated host, read and written as CLIXML (MS-PSRP 2.2)."""
