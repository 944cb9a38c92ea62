"""Training, measuring and exporting. The only room that imports torch."""
