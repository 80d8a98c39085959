"""What a database is made of, in one form for SQLite and PostgreSQL, so that two can be compared."""

import re
import sqlite3
from typing import Any

import psycopg

# What the program keeps in a column of this type in SQLite, where times and booleans are numbers too.
SQLITE_TYPES = {"INTEGER": {"bigint", "integer", "boolean", "timestamptz"}, "BIGINT": {"bigint"}, "TEXT": {"text"}, "BLOB": {"bytea"}}

Table = dict[str, Any]
Schema = dict[str, Table]


def predicate(text: str | None) -> str:
    """A condition without what one database writes and another does not."""
    return re.sub(r"[()\s]+", " ", text or "").strip().lower()


def postgres_schema(connection: psycopg.Connection, only: set[str] | None = None) -> Schema:
    def rows(query: str, *arguments: Any) -> list[tuple]:
        return connection.execute(query, arguments).fetchall()

    names = [name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    return {name: _postgres_table(rows, name) for name in names if only is None or name in only}


def _postgres_table(rows, name: str) -> Table:
    columns = {
        column: {"type": kind.replace("timestamp(6) with time zone", "timestamptz"), "nullable": not required}
        | {"default": default, "identity": identity, "collation": collation}
        for column, kind, required, default, identity, collation in rows(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), "
            "a.attidentity::text, c.collname FROM pg_attribute a "
            "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
            "LEFT JOIN pg_collation c ON c.oid = a.attcollation "
            "WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped",
            name,
        )
    }
    indexes = {
        (index, unique, primary, tuple(keys), predicate(condition))
        for index, unique, primary, keys, condition in rows(
            "SELECT i.indexrelid::regclass::text, i.indisunique, i.indisprimary, "
            "ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnkeyatts) n), "
            "pg_get_expr(i.indpred, i.indrelid) FROM pg_index i WHERE i.indrelid = %s::regclass",
            name,
        )
    }
    constrained = {
        index for (index,) in rows("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'", name)
    }
    references = {
        (tuple(keys), target, tuple(target_keys), {"a": "NO ACTION", "c": "CASCADE"}[action])
        for keys, target, target_keys, action in rows(
            "SELECT ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY k (n, o) "
            "JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY o), confrelid::regclass::text, "
            "ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY k (n, o) "
            "JOIN pg_attribute ON attrelid = confrelid AND attnum = n ORDER BY o), confdeltype::text "
            "FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            name,
        )
    }
    [(secured, forced, options)] = rows(
        "SELECT relrowsecurity, relforcerowsecurity, reloptions FROM pg_class WHERE oid = %s::regclass", name
    )
    return {
        "columns": columns,
        "primary key": next((keys for _, _, primary, keys, _ in indexes if primary), ()),
        "unique": {keys for index, _, _, keys, _ in indexes if index in constrained},
        "indexes": {
            (index, unique, keys, condition)
            for index, unique, primary, keys, condition in indexes
            if not primary and index not in constrained
        },
        "references": references,
        "row-level security": (secured, forced),
        "options": options,
    }


def sqlite_schema(connection: sqlite3.Connection) -> Schema:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name: _sqlite_table(connection, name) for (name,) in names.fetchall()}


def _sqlite_table(connection: sqlite3.Connection, name: str) -> Table:
    info = connection.execute(f"PRAGMA table_info({name})").fetchall()
    primary = [column for _, column, *_, place in sorted(info, key=lambda row: row[5]) if place > 0]
    columns = {
        column: {"type": kind, "nullable": not (required or column in primary)} for _, column, kind, required, *_ in info
    }
    unique, indexes = set(), set()
    for _, index, is_unique, origin, _ in connection.execute(f"PRAGMA index_list({name})").fetchall():
        keys = tuple(column for _, _, column in connection.execute(f"PRAGMA index_info({index})"))
        if origin == "u":
            unique.add(keys)
        elif origin == "c":
            [(text,)] = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [index])
            indexes.add((index, bool(is_unique), keys, predicate(text.partition(" WHERE ")[2])))
    references: dict[int, list] = {}
    for number, _, target, column, target_column, _, action, _ in connection.execute(f"PRAGMA foreign_key_list({name})"):
        references.setdefault(number, [target, action, []])[2].append((column, target_column or "id"))
    return {
        "columns": columns,
        "primary key": tuple(primary),
        "unique": unique,
        "indexes": indexes,
        "references": {
            (tuple(own for own, _ in pairs), target, tuple(other for _, other in pairs), action)
            for target, action, pairs in references.values()
        },
    }
