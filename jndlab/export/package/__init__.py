"""A study as one file: all tables, what they mean, and all that a report is made from."""
