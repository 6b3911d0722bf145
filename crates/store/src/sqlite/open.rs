//! Connections with their settings (figures: docs/performance.md).

use std::path::Path;

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::functions;
use crate::{Options, Result};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Writer,
    Reader,
    /// Carries the write-ahead log over.
    Checkpoint,
}

/// Opens a connection and sets it up.
pub(crate) fn connect(path: &Path, role: Role, options: &Options) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if role == Role::Writer {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let c = Connection::open_with_flags(path, flags)?;
    c.set_prepared_statement_cache_capacity(256);
    // Otherwise a statement whose parameters could make another index fit is compiled anew whenever they change: a third of a write.
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    c.pragma_update(None, "busy_timeout", 5_000)?;
    // Read, not mapped: as fast here, memory that is used shows as such, and a medium that fails is an error instead of the end of the process.
    c.pragma_update(None, "mmap_size", 0)?;
    // A damaged file must be an error, not wrong data; forged schemas must not call functions.
    c.pragma_update(None, "trusted_schema", false)?;
    c.pragma_update(None, "cell_size_check", true)?;
    c.pragma_update(None, "synchronous", if options.full_sync { "FULL" } else { "NORMAL" })?;
    match role {
        Role::Writer => {
            // In memory, SQLite walks its whole savepoint journal at the end of each statement: a batch would cost its square.
            c.pragma_update(None, "temp_store", "FILE")?;
            c.pragma_update(None, "journal_mode", "WAL")?;
            c.pragma_update(None, "cache_size", -32_768)?;
            c.pragma_update(None, "journal_size_limit", 64 << 20)?;
        }
        Role::Reader => {
            c.pragma_update(None, "temp_store", "MEMORY")?;
            c.pragma_update(None, "cache_size", -16_384)?;
            c.pragma_update(None, "query_only", true)?;
        }
        Role::Checkpoint => {}
    }
    functions::register(&c)?;
    Ok(c)
}
