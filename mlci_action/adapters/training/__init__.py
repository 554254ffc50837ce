"""How does a new model come about? Inputs told apart, a command run, a record left beside it."""
