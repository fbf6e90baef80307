"""The picture that other sites show with a link to an article: its title, legible.

``fonts`` finds letters for a text, ``drawing`` makes the picture (plain Python, no Django), ``making``
keeps the pictures as the articles and the blog are now, and ``tasks`` has that done in the background.
"""
