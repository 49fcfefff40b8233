"""What a study is. Pure: no Flask, no database, no clock, no sound files."""
