"""Where histories come from: a generated fleet, the public C-MAPSS simulation, a file of your own."""
