"""Both databases are made the same way: what differs between their migrations is what has to."""

import sqlite3

import psycopg
import pytest

from support.schema import SQLITE_TYPES, postgres_schema, sqlite_schema
from support.server import run


@pytest.fixture
def schemas(postgres, database, tmp_path):
    settings = {"SECRET_KEY": "of-the-tests-" + "0123456789abcdef" * 2, "DATA_DIR": str(tmp_path / "data")}
    for url in (postgres.url(database), f"sqlite:///{tmp_path}/chat.db"):
        done = run("migrate", directory=tmp_path, settings=settings | {"DATABASE_URL": url})
        assert done.returncode == 0, done.stderr
    with postgres.connect(database) as connection:
        return postgres_schema(connection), sqlite_schema(sqlite3.connect(tmp_path / "chat.db"))


def test_the_tables_of_both_databases_are_the_same(schemas):
    postgres, sqlite = schemas
    assert postgres.keys() == sqlite.keys()
    assert len(postgres) >= 9
    for name, table in postgres.items():
        other = sqlite[name]
        assert table["columns"].keys() == other["columns"].keys(), name
        for column, what in table["columns"].items():
            assert what["nullable"] == other["columns"][column]["nullable"], (name, column)
            assert what["type"] in SQLITE_TYPES[other["columns"][column]["type"]], (name, column, what)
        for part in ("primary key", "unique", "indexes", "references"):
            assert table[part] == other[part], (name, part)


def test_what_is_postgresqls_own(schemas):
    postgres, _ = schemas
    assert postgres["rooms"]["options"] == ["fillfactor=40"]
    for name, table in postgres.items():
        assert table["row-level security"] == (True, False), name
        for column, what in table["columns"].items():
            if name == "schema_migrations" or column == "only_row":
                continue
            if column.endswith("_at"):
                assert what["type"] == "timestamptz", (name, column)
                assert what["default"] is None, "the clock is the program's"
            elif column.startswith("is_"):
                assert what["type"] == "boolean", (name, column)
            elif column == "id":
                assert (what["type"], what["identity"]) == ("bigint", "d"), name
            elif column.endswith("_key") or column in ("username_skeleton", "stored_filename", "blob", "client_id"):
                assert what["collation"] == "C", (name, column)


def test_ids_are_drawn_one_by_one(postgres, database, schemas):
    """A sequence that hands out blocks would give a later message a smaller id than an earlier one of another node."""
    with postgres.connect(database) as connection:
        sequences = connection.execute("SELECT sequencename, cache_size FROM pg_sequences").fetchall()
    assert {name for name, _ in sequences} >= {"users_id_seq", "rooms_id_seq", "messages_id_seq", "file_uploads_id_seq"}
    assert {cache for _, cache in sequences} == {1}


def test_others_see_nothing_of_the_tables(postgres, database, schemas):
    """As on Supabase: a role that everybody has, with every right to every table that is made."""
    tables = schemas[0].keys()
    with postgres.admin(database) as admin:
        admin.execute("DROP ROLE IF EXISTS anon")
        admin.execute("CREATE ROLE anon")
        admin.execute("GRANT USAGE ON SCHEMA public TO anon")
        admin.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO anon")
        for owner, seen in (("izpochat", 1), ("anon", 0)):
            admin.execute(f"SET ROLE {owner}")
            assert len(admin.execute("SELECT * FROM installation").fetchall()) == seen
        for table in tables:
            assert admin.execute(f"SELECT * FROM {table}").fetchall() == [], table
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            admin.execute("INSERT INTO installation VALUES (1, 'x')")
        admin.execute("RESET ROLE")
        admin.execute("DROP OWNED BY anon")
        admin.execute("DROP ROLE anon")
