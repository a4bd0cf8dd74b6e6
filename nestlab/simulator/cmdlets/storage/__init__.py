"""The cmdlets of the Storage module."""
