//! Which stored password forms are taken from elsewhere: strong schemes with bounded cost. A stored form carries its own cost,
//! so one row with gigabytes in it would take the gate down at the next sign-in.

use argon2::Params;
use argon2::password_hash::phc::PasswordHash;

/// Bounds for Argon2: at least what libraries of ten years ago took by default, at most 128 MiB and a second or so.
const MEMORY_KIB: std::ops::RangeInclusive<u32> = 4096..=128 * 1024;
const MAX_PASSES: u32 = 10;
const MAX_LANES: u32 = 16;
/// Memory times passes: what it costs in time.
const MAX_WORK: u64 = 1024 * 1024;
const MIN_OUTPUT: usize = 16;
const MIN_SALT: usize = 8;
/// Bounds for bcrypt: each step doubles the time; 13 is about half a second.
const BCRYPT_COST: std::ops::RangeInclusive<u32> = 4..=13;
const BCRYPT_LEN: usize = 60;

/// A scheme that is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Argon2id or Argon2i in a PHC string.
    Argon2,
    /// bcrypt: `$2a$`, `$2b$`, `$2y$`.
    Bcrypt,
}

/// Why a stored form is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A scheme that is too weak, by its name.
    #[error("{0} is too weak: leave the password out and send an enrolment link")]
    Weak(&'static str),
    /// A scheme that is not verified here, by its name.
    #[error("{0} is not supported: use Argon2id or bcrypt, or leave the password out and send an enrolment link")]
    Unsupported(&'static str),
    /// A cost outside of what is taken.
    #[error("{0}")]
    Cost(String),
    /// A known prefix, but not of that scheme's form.
    #[error("this is not a well-formed {0} hash")]
    Malformed(&'static str),
    /// Nothing known: perhaps the password itself.
    #[error("this is no password hash that is known (a password in plain text is never taken)")]
    Unknown,
}

/// What `vestibule user import` asks before it stores somebody else's hash.
pub fn accept_imported_hash(stored: &str) -> Result<(), Refused> {
    scheme(stored).map(|_| ())
}

/// The scheme of a stored form, if it may be verified.
pub fn scheme(stored: &str) -> Result<Scheme, Refused> {
    if stored.starts_with("$argon2") {
        return argon2(stored);
    }
    if ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| stored.starts_with(prefix)) {
        return bcrypt(stored);
    }
    Err(refused(stored))
}

fn argon2(stored: &str) -> Result<Scheme, Refused> {
    let malformed = || Refused::Malformed("Argon2");
    let hash = PasswordHash::new(stored).map_err(|_| malformed())?;
    if !matches!(hash.algorithm.as_str(), "argon2id" | "argon2i") {
        return Err(Refused::Unsupported("Argon2d"));
    }
    let params = Params::try_from(&hash).map_err(|_| malformed())?;
    let (salt, output) = (hash.salt.ok_or_else(malformed)?, hash.hash.ok_or_else(malformed)?);
    if !params.keyid().is_empty() || !params.data().is_empty() {
        return Err(Refused::Unsupported("Argon2 with a key or associated data"));
    }
    if salt.len() < MIN_SALT || output.len() < MIN_OUTPUT {
        return Err(Refused::Cost("an Argon2 hash needs a salt of 8 bytes and a result of 16 bytes at least".to_owned()));
    }
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    let work = u64::from(memory) * u64::from(passes);
    if !MEMORY_KIB.contains(&memory) || passes > MAX_PASSES || lanes > MAX_LANES || work > MAX_WORK {
        return Err(Refused::Cost(format!(
            "Argon2 with m={memory},t={passes},p={lanes} is out of bounds: m from {} to {} KiB, t up to {MAX_PASSES}, \
             p up to {MAX_LANES}, m times t up to {MAX_WORK}",
            MEMORY_KIB.start(),
            MEMORY_KIB.end(),
        )));
    }
    Ok(Scheme::Argon2)
}

fn bcrypt(stored: &str) -> Result<Scheme, Refused> {
    let malformed = || Refused::Malformed("bcrypt");
    let salted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/');
    let (cost, rest) = stored.get(4..).and_then(|rest| rest.split_once('$')).ok_or_else(malformed)?;
    let two_digits = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
    if stored.len() != BCRYPT_LEN || !two_digits || !rest.bytes().all(salted) {
        return Err(malformed());
    }
    let cost: u32 = cost.parse().map_err(|_| malformed())?;
    if !BCRYPT_COST.contains(&cost) {
        return Err(Refused::Cost(format!(
            "bcrypt with cost {cost} is out of bounds: {} to {}",
            BCRYPT_COST.start(),
            BCRYPT_COST.end()
        )));
    }
    // The last word: two of the 22 + 31 characters carry spare bits that its decoder refuses.
    stored.parse::<bcrypt::HashParts>().map(|_| Scheme::Bcrypt).map_err(|_| malformed())
}

/// Names what it is, so that whoever imports knows what to do.
fn refused(stored: &str) -> Refused {
    const WEAK: [(&str, &str); 8] = [
        ("$1$", "md5-crypt ($1$)"),
        ("$apr1$", "Apache's md5-crypt ($apr1$)"),
        ("$md5", "md5"),
        ("$sha1$", "sha1-crypt"),
        ("$P$", "phpass (MD5)"),
        ("$H$", "phpass (MD5)"),
        ("$2x$", "the broken bcrypt variant $2x$"),
        ("$2$", "the first bcrypt variant $2$"),
    ];
    const OTHER: [(&str, &str); 7] = [
        ("$5$", "sha256-crypt ($5$)"),
        ("$6$", "sha512-crypt ($6$)"),
        ("$y$", "yescrypt"),
        ("$7$", "scrypt"),
        ("$scrypt$", "scrypt"),
        ("$pbkdf2", "PBKDF2"),
        ("pbkdf2_", "PBKDF2 (Django)"),
    ];
    let weak = WEAK.iter().find(|(prefix, _)| stored.starts_with(prefix));
    let other = OTHER.iter().find(|(prefix, _)| stored.starts_with(prefix));
    if let Some((_, name)) = weak {
        return Refused::Weak(name);
    }
    if let Some((_, name)) = other {
        return Refused::Unsupported(name);
    }
    bare(stored).map_or(Refused::Unknown, Refused::Weak)
}

/// Schemes without a `$` prefix.
fn bare(stored: &str) -> Option<&'static str> {
    let upper = stored.get(..16.min(stored.len())).unwrap_or_default().to_ascii_uppercase();
    let hex = stored.bytes().all(|byte| byte.is_ascii_hexdigit());
    match stored.len() {
        _ if upper.starts_with("{SHA}") => Some("unsalted SHA-1 ({SHA})"),
        _ if upper.starts_with("{SSHA") => Some("salted SHA ({SSHA})"),
        _ if upper.starts_with("{MD5}") || upper.starts_with("{SMD5}") => Some("MD5 ({MD5})"),
        _ if upper.starts_with("{PLAIN}") || upper.starts_with("{CLEARTEXT}") => Some("a password in plain text"),
        32 if hex => Some("MD5 in hexadecimal"),
        40 if hex => Some("SHA-1 in hexadecimal"),
        64 | 128 if hex => Some("unsalted SHA-2 in hexadecimal"),
        13 if stored.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/')) => Some("DES crypt"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "c29tZXNhbHRzb21lc2FsdA";
    const OUTPUT: &str = "G5ajKFCoUzaXRLdz7UJb5wGkb2Xt+X5/GQjUYtS2+TE";
    const BCRYPT: &str = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

    #[test]
    fn strong_schemes_within_bounds_are_taken() {
        for params in ["m=19456,t=2,p=1", "m=65536,t=3,p=4", "m=102400,t=2,p=8", "m=4096,t=3,p=1"] {
            assert_eq!(accept_imported_hash(&format!("$argon2id$v=19${params}${SALT}${OUTPUT}")), Ok(()), "{params}");
        }
        assert_eq!(accept_imported_hash(&format!("$argon2i$v=19$m=65536,t=4,p=1${SALT}${OUTPUT}")), Ok(()));
        for prefix in ["$2a$10$", "$2b$12$", "$2y$05$", "$2y$13$"] {
            assert_eq!(accept_imported_hash(&format!("{prefix}{BCRYPT}")), Ok(()), "{prefix}");
        }
    }

    #[test]
    fn costs_out_of_bounds_are_refused() {
        for params in ["m=4194304,t=1,p=1", "m=131072,t=9,p=1", "m=8192,t=4000,p=1", "m=65536,t=1,p=200", "m=64,t=1,p=1"] {
            let stored = format!("$argon2id$v=19${params}${SALT}${OUTPUT}");
            assert!(matches!(accept_imported_hash(&stored), Err(Refused::Cost(_))), "{params}");
        }
        for cost in ["03", "14", "31", "99"] {
            let stored = format!("$2b${cost}${BCRYPT}");
            assert!(matches!(accept_imported_hash(&stored), Err(Refused::Cost(_))), "{cost}");
        }
    }

    #[test]
    fn weak_schemes_are_refused_by_name() {
        for (stored, name) in [
            ("$1$abc$xyz", "md5-crypt"),
            ("$apr1$abc$xyz", "$apr1$"),
            ("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "{SHA}"),
            ("{ssha}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "{SSHA}"),
            ("5f4dcc3b5aa765d61d8327deb882cf99", "MD5"),
            ("5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "SHA-1"),
            ("rl.3StKT.4T8M", "DES"),
            ("$P$BDmExAmPlE", "phpass"),
        ] {
            let refused = accept_imported_hash(stored).unwrap_err();
            assert!(matches!(refused, Refused::Weak(_)) && refused.to_string().contains(name), "{stored}: {refused}");
        }
        assert!(matches!(accept_imported_hash("$6$salt$hash"), Err(Refused::Unsupported(_))));
        for plain in ["", "Summer2024!", "correct horse battery staple", "é"] {
            assert_eq!(accept_imported_hash(plain), Err(Refused::Unknown), "{plain}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_refused() {
        for stored in [
            "$2b$10$short".to_owned(),
            format!("$2b$1x${BCRYPT}"),
            format!("$2b$10${}é", &BCRYPT[..51]),
            format!("$2b$10${}!", &BCRYPT[..52]),
            "$argon2id$".to_owned(),
            format!("$argon2id$v=19$m=19456,t=2,p=1${SALT}"),
            format!("$argon2id$v=19$m=19456,t=2,p=1,x=1${SALT}${OUTPUT}"),
        ] {
            assert!(matches!(accept_imported_hash(&stored), Err(Refused::Malformed(_))), "{stored}");
        }
    }
}
