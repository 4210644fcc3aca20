"""The phases, a file for each subject; none of them connects to anything."""
