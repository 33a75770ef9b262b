"""The rehearsal: an embedded Discord on loopback, with a room in the browser."""
