"""Tests of the site and of everything that builds it; `scripts/test` runs them all."""
