"""What readers ask for: posting, their own page, what mails lead to."""
