"""The main job: characters found become files, for pictures (`batch`) and videos (`clips`).

Not covered: finding them (`segmenter`, `tracking`), drawing them (`render`), plans (`work`).
Public: `batch.Job`, `clips.job.ClipJob`, `results.Outputs`, `selection.Selection`.
"""
