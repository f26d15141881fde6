"""The ground floor: ClickHouse client, migrations, queries and wire schemas."""
