"""The database: models, migrations, queries. The only room that knows it."""
