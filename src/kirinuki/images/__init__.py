"""Open and save pictures: any file comes in as upright 8-bit RGB plus alpha; fingerprints.

Not covered: frames of a video (`video`), finding pictures in folders (`work`), drawing (`render`).
Public: `Picture`, `read_picture`, `save_png`.
"""

from kirinuki.images.picture import Picture, read_picture, save_png

__all__ = ["Picture", "read_picture", "save_png"]
