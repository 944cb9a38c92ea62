"""`kirinuki serve`: pictures and short videos cut over HTTP, and a page that does it in a browser.

Safe to leave running: strangers' files are decoded in processes that are killed at a ceiling
(`children`), every limit has its answer (`limits`, `problems`), nothing is fetched, no name from
outside becomes a path. docs/server.md has the interface and what it defends against.

Not covered: finding and cutting (`cutting`, whose outputs it offers as they are: `cuts` alone calls
it), users and accounts, TLS (a proxy in front does that).
Public: `app.create_app`, `limits.Limits`, `serving.serve`.
"""
