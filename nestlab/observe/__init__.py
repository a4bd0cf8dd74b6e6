"""Records in, host state out: a constant number of pipelines a machine."""
