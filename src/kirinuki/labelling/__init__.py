"""Help for whoever labels: frames worth a label, a model's first draft, one page to look through.

Not covered: drawing labels (LabelMe does), what is wrong with a set as a whole (`dataset`).
Public: `frames.pick`, `prelabel.prelabel`, `uncertainty.doubt_of`, `review.review`.
"""
