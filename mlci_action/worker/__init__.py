"""What runs in the user's interpreter (Python >= 3.8): rows in, predictions out, as plain files.

Standard library and numpy only, and whatever the model itself imports.
"""
