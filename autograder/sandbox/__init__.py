"""The untrusted side: the worker that runs a student's cells, the cage around it and its limits.

Nothing here knows an exercise, a check or a solution. ``wire`` and ``cage`` are used by the judge as well.
"""
