"""What are the bytes of a model file, when nobody says so and nothing of them may run?"""
