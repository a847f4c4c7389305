"""What both sets of pages are made with, the visitors' and the staff's: forms, files, headers, times."""
