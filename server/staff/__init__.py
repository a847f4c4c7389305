"""The staff's pages: an office sets itself up, steers its hall and serves its reservations."""
