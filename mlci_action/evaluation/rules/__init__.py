"""Does every limit hold?"""
