"""The cmdlets of every Windows installation: CIM, services, files, features, events."""
