"""How wide is a difference?"""
