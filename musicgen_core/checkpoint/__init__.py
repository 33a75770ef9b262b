"""A name or a path -> config, tensors and processor."""
