"""The only I/O: IMAP, SMTP, the journal, and text out of hostile attachments."""
