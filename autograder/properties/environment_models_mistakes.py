"""Known mistakes of unit 1."""

from autograder.properties.entries import collection

mistakes, mistake = collection()
