"""What articles say to machines: as linked data, as Markdown, in the sitemap, by oEmbed, in ``/llms.txt``.

``addresses`` is where each of these is, the other modules make what is there, and ``views`` answers.
"""
