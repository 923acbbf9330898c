"""One module for each version of the journal's tables. What has been released is never edited."""
