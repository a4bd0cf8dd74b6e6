"""A simulated Hyper-V host that behaves and fails like a real one, and its WinRM endpoint."""
