"""What the author of a comment may see of it and do with it, on the page that only they know.

Whoever has the private key is the author: there is no account, no password and no cookie. Nothing
here tells one address from another.
"""
