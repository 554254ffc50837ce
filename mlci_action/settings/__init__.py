"""mlci.yml and the inputs, as typed settings; every problem at once, with its line."""
