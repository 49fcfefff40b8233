"""What participants read, in seven languages: gettext catalogues and the choice among them."""
