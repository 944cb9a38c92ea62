"""Training pictures and clips from cutouts and backgrounds, with masks that are exact.

Not covered: cutting (`cutting`), composing while training (`training.pictures.composed`).
Public: `library.Library`, `recipe.Recipe`, `compose.compose`, `compose_dataset`, `clips`.
"""
