"""kirinuki (切り抜き): finds every anime character in a picture and cuts each one out."""

__version__ = "0.1.0"
