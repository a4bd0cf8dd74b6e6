"""The cmdlets that every Windows has: CIM, services, files, features, events."""
