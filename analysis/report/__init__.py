"""What people read: figures, one self-contained page, files of numbers and figures."""
