"""The networks, once for each runtime, behind the protocols of `musicgen_core.model`."""
