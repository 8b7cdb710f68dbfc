"""One view of each kind, for the steps in which only the server around the view changes."""
