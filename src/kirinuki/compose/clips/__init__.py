"""Composed clips: characters that move and talk in shots over backgrounds, with masks and ids.

Not covered: single pictures (`compose`), videos of other people (`video`).
Public: `recipe.ClipRecipe`, `compose.compose_clip`, `dataset.compose_clips`.
"""
