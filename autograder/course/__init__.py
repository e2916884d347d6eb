"""From solutions and prose to source and release, and the checks that neither drifts nor leaks."""
