"""Parts that draw anime characters and a painted scene with Skia; `kirinuki_draw.draw` puts them
together. Lengths are in head units: a head without its hair is 100 high.
"""
