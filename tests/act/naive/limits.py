"""How good is good enough? No model of the tests is."""

ENOUGH = 1.1
