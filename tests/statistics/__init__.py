"""Simulated test sets: do the intervals cover, and does the gate say no?"""
