"""The catalogue: one file for each subject, one function for each check."""
