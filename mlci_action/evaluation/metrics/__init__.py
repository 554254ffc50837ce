"""What is a metric worth, and how does each row move it?"""
