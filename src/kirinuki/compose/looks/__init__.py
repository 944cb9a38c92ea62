"""What real illustrations have and cutouts lack: hair, skin and clothes of other colours, things
that flow from a figure or are held, and the light of a finished picture. Alphas stay exact.

Not covered: hue of a whole cutout and its light (`compose.paint`), lettering, grading and
compression of a picture (`compose.effects`).
Public: `part_colours`, `adornments`, `illustration`.
"""
