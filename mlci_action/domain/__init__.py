"""The vocabulary: frozen values and the rules over them. Standard library only, no I/O."""
