"""``make bench``: seconds for each notebook of stock nbgrader, of this grader and of the bare compute, in one run."""
