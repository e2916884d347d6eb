"""Attacks and accidents, measured: what cheating gains, what crashing loses, and whether a grade ever changes."""
