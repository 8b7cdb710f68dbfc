"""How quickly readers get a page, and how quickly writers get theirs: scripts/benchmark."""
