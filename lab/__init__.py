"""The lab: starts a recipe as a reader would, asks it questions, and writes down what happened."""
