"""How each kind of data is uploaded, browsed and given to a model on screen. One file for each, one line in the registry."""
