"""One file per revision, named NUMBER_what_it_does.py."""
