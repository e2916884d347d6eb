"""A check that is always content."""


def check(function):
    return 1000
