"""Windows PowerShell 5.1: calls, binding, objects, pipelines."""
