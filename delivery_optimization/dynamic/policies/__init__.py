"""Policies of the task `dynamic`: one file each."""
