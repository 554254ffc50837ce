"""By which limits is a change judged that changes the limits themselves? Never by looser ones."""
