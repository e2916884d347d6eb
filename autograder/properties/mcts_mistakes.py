from autograder.properties.entries import collection

mistakes, mistake = collection()
