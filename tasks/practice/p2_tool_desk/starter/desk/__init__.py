"""A desk that lends tools to neighbours."""
