"""Long jobs: what is read and what results are called, what is done already, how far it is.

Not covered: what an item is made into (`cutting`, `compose`, `labelling`), progress bars (`cli`).
Public: `plan.plan` and `Plan`, `journal.Journal`, `progress.Progress`.
"""
