"""Files as content-addressed blobs: the key of a blob is the sha256 of its bytes."""
