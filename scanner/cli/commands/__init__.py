"""What a user types: a file for each command, with its options and what it imports when it runs."""
