"""The picture that other sites show with a link to an article: its title, legible.

``font_files`` finds the fonts there are, ``fonts`` letters for a text, ``drawing`` makes the picture (plain
Python, no Django), ``making`` keeps the pictures as the articles and the blog are now, and ``tasks`` has that
done in the background.
"""

from typing import Final

#: The size that OpenGraph's readers ask for, in pixels.
WIDTH: Final = 1200
HEIGHT: Final = 630
