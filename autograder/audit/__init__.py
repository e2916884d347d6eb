"""The audit: grades the bank of correct solutions, the known mistakes and automatic mutants through the real cage."""
