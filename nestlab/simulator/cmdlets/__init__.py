"""The simulated cmdlets of Windows: a folder for each module, a file for each noun."""
