"""Session configurations with roles: their files, and what their functions refuse."""
