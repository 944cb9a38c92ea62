"""Pure functions from a picture and its instances to an array: overlay, sheet, cutout, background.

Not covered: files of them (`images`, `cutting`), plots of numbers (`evaluation`).
Public: `overlay.overlay` and `contact_sheet`, `cutout.cutout`, `on_background` and `mask_image`.
"""
