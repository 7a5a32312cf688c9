"""Rooms without internet: datasets on a USB key (`mirror`), and a whole kit to install from one (`kit`)."""
