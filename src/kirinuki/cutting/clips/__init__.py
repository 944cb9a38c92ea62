"""The job over one video: paint, encode in segments, put together, go on after a kill.

Not covered: finding and following (`tracking`), reading and encoding video (`video`).
Public: `job.ClipJob`, `outputs.ClipOutputs`.
"""
