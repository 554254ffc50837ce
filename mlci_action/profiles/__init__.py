"""What is a table like? Chunks of rows in, a summary out, in one pass and bounded memory."""
