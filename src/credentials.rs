//! Who we say we are.

use std::fmt;

use zeroize::Zeroizing;

/// A user and a secret.
///
/// The secret is never shown by `Debug`, and its memory is wiped when the last copy is dropped.
///
/// ```
/// use asterisk_sync::Credentials;
/// let admin = Credentials::new("admin", "s3cret");
/// assert_eq!(format!("{admin:?}"), r#"Credentials { username: "admin", secret: "<redacted>" }"#);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    username: String,
    secret: Zeroizing<String>,
}

impl Credentials {
    /// A user and its secret.
    pub fn new(username: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { username: username.into(), secret: Zeroizing::new(secret.into()) }
    }

    /// The user.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The secret, in clear. Keep it out of logs.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

impl<U: Into<String>, S: Into<String>> From<(U, S)> for Credentials {
    fn from((username, secret): (U, S)) -> Self {
        Self::new(username, secret)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .field("secret", &"<redacted>")
            .finish()
    }
}
