"""The language of the simulated host: calls, binding, objects, pipelines, as Windows PowerShell 5.1 has them."""
