"""Where baselines are taken from, one file per kind of source; `baselines.py` tries them."""
