"""What if the rows were a little different? They are changed here, and the models only asked."""
