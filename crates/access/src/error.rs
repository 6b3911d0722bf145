//! Why somebody is not let in.

use rapport_store::StoreError;

/// Result of this crate.
pub type Result<T, E = AccessError> = std::result::Result<T, E>;

/// Refusals of authentication. Texts never tell whether a login exists.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Unknown login or wrong password: one and the same.
    #[error("login or password is wrong")]
    BadCredentials,
    /// Too many failures; try after so many seconds.
    #[error("locked for {retry_after} s")]
    Locked {
        /// Seconds.
        retry_after: u64,
    },
    /// Too many sign-ins at this moment; try after so many seconds.
    #[error("busy, try again in {retry_after} s")]
    Busy {
        /// Seconds.
        retry_after: u64,
    },
    /// The password was right; a code is needed.
    #[error("code needed")]
    TotpNeeded,
    /// The code is wrong or used.
    #[error("code is wrong")]
    BadCode,
    /// No session or token, or an expired or revoked one.
    #[error("not signed in")]
    NotSignedIn,
    /// The session looked as somebody else, and that has ended by itself; it is to be ended before anything else.
    #[error("the view as somebody else has ended")]
    ViewEnded,
    /// The password breaks the policy: stable codes such as `password.too_short`.
    #[error("password refused: {0:?}")]
    WeakPassword(Vec<&'static str>),
    /// The password has expired (preset dengbao-l3) and must be changed first.
    #[error("password expired")]
    PasswordExpired,
    /// Invitation, reset or set-up link is used or too old.
    #[error("link is used or too old")]
    BadLink,
    /// Set-up was already done.
    #[error("already set up")]
    AlreadySetUp,
    /// Only an administrator may do this to an administrator.
    #[error("not for this person")]
    Denied,
    /// Something asked for cannot be: a stable code such as `token.scopes`.
    #[error("refused: {0}")]
    Invalid(&'static str),
    /// Below.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AccessError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Refused(inner) => match inner.downcast::<Self>() {
                Ok(e) => *e,
                Err(inner) => Self::Store(StoreError::Refused(inner)),
            },
            e => Self::Store(e),
        }
    }
}
/// A refusal inside a write job travels through the store and undoes the job.
impl From<AccessError> for StoreError {
    fn from(e: AccessError) -> Self {
        match e {
            AccessError::Store(s) => s,
            e => Self::Refused(Box::new(e)),
        }
    }
}
