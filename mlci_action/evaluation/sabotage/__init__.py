"""How are predictions made that must be refused? Each sabotage, and the rows it is tried on."""
