# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""Texts that came from servers, on their way to a terminal."""


def printable(text):
    """The text with everything escaped that could steer a terminal; its line breaks stay."""
    return ''.join(
        letter if letter.isprintable() or letter == '\n' else letter.encode('unicode_escape').decode()
        for letter in str(text))
