"""The cmdlets of Windows that the simulated host knows, a folder for each module and a file for each noun."""
