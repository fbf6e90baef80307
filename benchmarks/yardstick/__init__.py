"""The simplest that Django can do, behind the site's own server and gateway: what the site is compared with."""
