"""How are tables read? Whole, as pandas would, or a block of rows at a time."""
