"""The job over one video: paint, encode in segments, put together, go on after a kill."""
