"""What solves: each file is one method, ``solve(instance, *, stop, seed) -> Solution``."""
