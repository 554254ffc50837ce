"""How differently are groups treated?"""
