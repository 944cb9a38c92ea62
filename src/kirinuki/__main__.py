"""``python -m kirinuki`` is the command ``kirinuki``."""

from kirinuki.cli import main

main()
