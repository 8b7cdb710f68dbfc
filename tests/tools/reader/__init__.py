"""What the tests of the traceback reader need: a way to call it, and the shapes in which a trace arrives."""
