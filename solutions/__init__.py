"""Reference solutions: one module for each unit, plain functions that read like the textbook page they implement.

Never shipped to students. The build writes each function's source into the notebook cell of the same name.
"""
