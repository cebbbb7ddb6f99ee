"""Which services there are: reads the service folder and publishes versions pinned by content."""
