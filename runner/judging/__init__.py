"""What becomes of an attempt: the verdict of the tests, the status, the audit."""
