"""The contract between the processes: schema, migrations, roles, and the embedded Postgres they run on."""
