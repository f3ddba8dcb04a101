"""The pieces of the review: the one page that is read, and the desk where reviews are kept."""
