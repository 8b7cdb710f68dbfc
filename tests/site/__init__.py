"""The site: its sources, its languages, its built pages."""
