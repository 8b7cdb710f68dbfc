"""What the project is made with: checkers, hooks, logic."""
