"""The one script that a host runs, and how its answer is framed, saved and read."""
