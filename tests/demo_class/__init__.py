"""The demo class: hand-ins of every kind, one folder each, with the outcome that each deserves."""
