"""Files on their way to their readers, and how rows are written as CSV."""
