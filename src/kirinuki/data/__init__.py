"""Label files, data sets, and composed training pictures. Needs no torch."""
