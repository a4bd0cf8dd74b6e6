"""A Hyper-V host in Python that behaves and fails like the real one, and its WinRM endpoint."""
