"""One file for each way of predicting a remaining life."""
