"""The same character keeps the same id through a video: `track`."""

from kirinuki.tracking.follow import Follower, TrackedFrame, track

__all__ = ["Follower", "TrackedFrame", "track"]
