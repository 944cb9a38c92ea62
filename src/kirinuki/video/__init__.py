"""Videos in, videos out: frames with their times, sound and subtitles kept (PyAV).

Not covered: who is in the frames (`tracking`), jobs over videos (`cutting`).
Public: `read`, `write`, `probe`, `Frame`, `Video`, `VideoInfo`, `is_video`.
"""

from kirinuki.video.frames import Frame
from kirinuki.video.info import VIDEO_SUFFIXES, VideoInfo, is_video, probe
from kirinuki.video.reader import Video, read
from kirinuki.video.write import write

__all__ = [
    "VIDEO_SUFFIXES",
    "Frame",
    "Video",
    "VideoInfo",
    "is_video",
    "probe",
    "read",
    "write",
]
