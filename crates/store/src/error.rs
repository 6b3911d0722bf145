//! What can go wrong below the pipeline.

/// Result of the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Failures of the store, without HTTP and without sentences for people.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index refused the row: object and field.
    #[error("{object}.{field} is not unique")]
    NotUnique {
        /// Object.
        object: String,
        /// Field.
        field: String,
    },
    /// The version in the database is not the one the update was made from.
    #[error("the record changed meanwhile")]
    Conflict,
    /// The job's own refusal: rolls back its savepoint only. The pipeline's error travels inside.
    #[error("refused")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The disk is full or writing is stopped below the reserve; reads go on.
    #[error("no space left for writing")]
    Full,
    /// The database cannot be reached now; try again.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// The query ran longer than allowed.
    #[error("query took too long")]
    Timeout,
    /// The database holds what it should not: name what.
    #[error("inconsistent data: {0}")]
    Corrupt(String),
    /// The database was written by a newer version.
    #[error("the database needs a newer program: schema {found}, this program knows {known}")]
    Newer {
        /// Found in the database.
        found: i64,
        /// Known here.
        known: i64,
    },
    /// A page cursor that was not made by this sort, or by us at all.
    #[error("bad cursor")]
    BadCursor,
    /// A unique index refused the row; becomes [`StoreError::NotUnique`] once the index is looked up.
    #[doc(hidden)]
    #[error("unique index: {0}")]
    Unique(String),
    /// The database asks to run the transaction again (deadlock, serialization); seen only when it kept doing so.
    #[error("try again: {0}")]
    Again(String),
    /// Anything else of the driver.
    #[error("database: {0}")]
    Driver(String),
}

/// Errors of SQLite, with names of unique indexes left to [`crate::unique::name`].
impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as C;
        let code = e.sqlite_error_code();
        match code {
            Some(C::DiskFull) => Self::Full,
            Some(C::OperationInterrupted) => Self::Timeout,
            Some(C::DatabaseCorrupt | C::NotADatabase) => Self::Corrupt(e.to_string()),
            Some(C::SystemIoFailure | C::CannotOpen | C::DatabaseBusy | C::DatabaseLocked | C::ReadOnly) => {
                Self::Unavailable(e.to_string())
            }
            Some(C::ConstraintViolation) => match &e {
                rusqlite::Error::SqliteFailure(f, Some(m)) if f.extended_code == 2067 || f.extended_code == 1555 => {
                    Self::Unique(m.clone())
                }
                _ => Self::Driver(e.to_string()),
            },
            _ => Self::Driver(e.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(e: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState as S;
        if e.is_closed() {
            return Self::Unavailable(e.to_string());
        }
        let Some(db) = e.as_db_error() else {
            // No answer of the server: the connection broke.
            let io = std::error::Error::source(&e).is_some_and(|s| s.is::<std::io::Error>());
            return if io {
                Self::Unavailable(e.to_string())
            } else {
                Self::Driver(format!("{e}: {:?}", std::error::Error::source(&e)))
            };
        };
        let c = db.code();
        if *c == S::UNIQUE_VIOLATION {
            Self::Unique(db.constraint().unwrap_or_default().to_owned())
        } else if *c == S::T_R_DEADLOCK_DETECTED || *c == S::T_R_SERIALIZATION_FAILURE || *c == S::LOCK_NOT_AVAILABLE {
            Self::Again(db.message().to_owned())
        } else if *c == S::QUERY_CANCELED {
            Self::Timeout
        } else if *c == S::DISK_FULL || *c == S::OUT_OF_MEMORY {
            Self::Full
        } else if *c == S::ADMIN_SHUTDOWN
            || *c == S::CRASH_SHUTDOWN
            || *c == S::CANNOT_CONNECT_NOW
            || *c == S::TOO_MANY_CONNECTIONS
            || c.code().starts_with("08")
        {
            Self::Unavailable(db.message().to_owned())
        } else if *c == S::DATA_CORRUPTED || *c == S::INDEX_CORRUPTED {
            Self::Corrupt(db.message().to_owned())
        } else {
            Self::Driver(format!("{}: {}", c.code(), db.message()))
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(e: deadpool_postgres::PoolError) -> Self {
        match e {
            deadpool_postgres::PoolError::Backend(b) => match Self::from(b) {
                Self::Driver(m) => Self::Unavailable(m),
                other => other,
            },
            e => Self::Unavailable(e.to_string()),
        }
    }
}
