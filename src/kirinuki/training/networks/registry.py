"""Which detectors can be trained: a line an architecture.

The file that a line names has what is asked of an architecture:

- ``build(arch, num_classes, pretrained, trainable_layers) → MaskRCNN``, torchvision's, with any
  backbone, pyramid and heads that take their place in it;
- ``STRIDES``, those of the maps that its heads look at, in pixels of the picture.

Training, measuring and exporting ask for no more. Imported without torch: the command's options
come from here.

Not covered: networks that are no Mask R-CNN; at run time they are `segmenter.segments.Segments`.
"""

from __future__ import annotations

DETECTORS = {
    "lite": "lite",
    "lite2": "lite2",
    "maskrcnn_resnet50_fpn": "classic",
    "maskrcnn_resnet50_fpn_v2": "classic",
}
"""Architecture: the file of this folder that builds it."""
