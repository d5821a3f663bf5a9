"""The drawings of the stock architectures, one file for each kind; `graphs.stock` lists and explains them."""
