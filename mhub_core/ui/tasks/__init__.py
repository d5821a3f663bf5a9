"""How the answers, truths and results of each task look on screen. One file for each, one line in the registry."""
