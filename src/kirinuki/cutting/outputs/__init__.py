"""What is written of pictures and videos: one file an output, one line each in `registry`.

Not covered: finding characters and running jobs (`cutting`), painting (`render`).
Public: `registry.OUTPUTS`, `output.Output`.
"""
