"""Two reports -> what has changed between them: pure, a host at a time."""
