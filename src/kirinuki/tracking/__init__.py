"""The same character keeps the same id through a video; repeats, shots, edges that stay still.

Not covered: finding characters in one picture (`segmenter`), reading and writing video (`video`).
Public: `track`, `Follower`, `TrackedFrame`.
"""

from kirinuki.tracking.follow import Follower, TrackedFrame, track

__all__ = ["Follower", "TrackedFrame", "track"]
