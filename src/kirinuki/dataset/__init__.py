"""Keeping a labelled set: what is wrong with it, what it holds, a split, a sheet to look at.

Not covered: reading and writing labels (`formats`), making labels (`labelling`).
Public: `check.check_dataset`, `stats.dataset_stats`, `split.split_dataset`, `preview.preview`.
"""
