"""The cmdlets of the Hyper-V module."""
