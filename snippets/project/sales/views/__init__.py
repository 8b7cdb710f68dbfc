"""Views that fail, one module per kind of failure. Each has at most three lines: the bug is in rates/, three levels down."""
