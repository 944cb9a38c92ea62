"""The same character keeps the same id through a video."""
