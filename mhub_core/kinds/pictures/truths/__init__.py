"""What is true of images, by the task: a class, a mask, boxes. One file each, and a line in `registry.py`."""
