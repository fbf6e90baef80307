"""The spam filter that learns from the moderators' decisions, on this machine and for this site."""
