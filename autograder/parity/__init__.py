"""Parity: the torch functions give the same numbers on a GPU as on the CPU, measured where a GPU is present."""
