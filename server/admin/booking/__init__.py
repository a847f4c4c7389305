"""`admin reservation` and `admin slots`: visits and the hours that can be booked."""
