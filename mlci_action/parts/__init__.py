"""What a run does, part by part; `gate.py` tells them in their order."""
