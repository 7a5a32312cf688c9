"""A stranger's package with one toy task of each kind: they prove the contract before real tasks need it."""
