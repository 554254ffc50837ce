"""The outside: files, processes, git, GitHub, the clock. The only code that touches them."""
