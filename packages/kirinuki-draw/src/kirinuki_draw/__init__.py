"""The drawing studio: anime characters and scenes drawn by code, with exact alpha.

Not covered: composing pictures to train on (`kirinuki.compose`), label files (`kirinuki.formats`).
Public: `draw.draw_character`, `draw.draw_scene`, `draw.random_spec`, `library.draw_library`.
"""
