"""Dispatch now or wait: environments in which orders arrive over the day, and the policies that meet them."""
