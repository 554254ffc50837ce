"""What do the tables and the models say? Checked, and in one form."""
