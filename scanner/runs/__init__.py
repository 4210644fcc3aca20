"""What a run keeps in files, while it lasts and after it."""
