//! Password hashing: Argon2id (RFC 9106) for everything made here, and verification of what was imported. Pure and blocking;
//! `pool` decides when it runs.

use std::sync::LazyLock;

use argon2::password_hash::phc::{ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};

use crate::auth::imported::{self, Scheme};
use crate::keys;

/// Memory in KiB, passes, lanes: the second choice of OWASP's list, about 20 ms on one core.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// What bcrypt looks at; it ignores the rest.
const BCRYPT_MAX: usize = 72;

/// What a comparison showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// Not the password.
    Wrong,
    /// The password, stored as it would be stored today.
    Right,
    /// The password, stored in an older form: hash it again.
    RightButOld,
}

static HASHER: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the constants above are within RFC 9106's bounds; a test makes a hash")]
    let params = Params::new(MEMORY, PASSES, LANES, None).expect("the parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// A stored form that no password has: random bytes where the result would stand, with the parameters of real ones.
static DECOY: LazyLock<String> = LazyLock::new(|| {
    let random = |bytes: &[u8]| data_encoding::BASE64_NOPAD.encode(bytes);
    let (salt, output) = (random(&keys::random::<16>()), random(&keys::random::<32>()));
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${salt}${output}")
});

/// The stored form of a password: a PHC string with a salt of 16 random bytes.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    HASHER.hash_password_with_salt(password.as_bytes(), &keys::random::<16>()).map(|hash: PasswordHash| hash.to_string())
}

/// Compares a password with a stored form. Costs what the stored form says, which is why nothing is stored that
/// [`imported::accept_imported_hash`] would refuse; if it got there all the same, it matches nothing, at the usual cost.
pub fn verify(password: &str, stored: &str) -> Verdict {
    let right = match imported::scheme(stored) {
        Ok(Scheme::Argon2) => verify_argon2(password, stored),
        // A longer one would be compared by its first 72 bytes only.
        Ok(Scheme::Bcrypt) if password.len() <= BCRYPT_MAX => bcrypt::verify(password, stored).unwrap_or(false),
        Ok(Scheme::Bcrypt) | Err(_) => {
            verify_decoy(password);
            false
        }
    };
    match right {
        false => Verdict::Wrong,
        true if is_current(stored) => Verdict::Right,
        true => Verdict::RightButOld,
    }
}

/// Does the work of [`verify`] for an account that does not exist, is disabled or has no password.
pub fn verify_decoy(password: &str) {
    let matched = verify_argon2(password, &DECOY);
    debug_assert!(!matched, "256 random bits matched");
}

fn verify_argon2(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| HASHER.verify_password(password.as_bytes(), &hash).is_ok())
}

fn is_current(stored: &str) -> bool {
    let Ok(hash) = PasswordHash::new(stored) else { return false };
    hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && ParamsString::try_from(HASHER.params()).is_ok_and(|current| current == hash.params)
        && hash.salt.is_some_and(|salt: Salt| salt.len() >= 16)
        && hash.hash.is_some_and(|output| output.len() == Params::DEFAULT_OUTPUT_LEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_and_another_does_not() {
        let stored = hash("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(verify("correct horse battery", &stored), Verdict::Right);
        assert_eq!(verify("correct horse batterz", &stored), Verdict::Wrong);
        assert_eq!(verify("", &stored), Verdict::Wrong);
        assert_ne!(stored, hash("correct horse battery").unwrap(), "each has its own salt");
    }

    #[test]
    fn the_decoy_costs_what_a_real_one_costs_and_matches_nothing() {
        assert!(is_current(&DECOY), "{}", *DECOY);
        assert_eq!(verify("anything", &DECOY), Verdict::Wrong);
        verify_decoy("");
    }

    #[test]
    fn what_was_imported_verifies_and_is_to_be_hashed_again() {
        let weaker = Params::new(8 * 1024, 1, 1, None).unwrap();
        let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, weaker);
        let old: PasswordHash = weaker.hash_password_with_salt(b"pass word", &[7; 16]).unwrap();
        assert_eq!(verify("pass word", &old.to_string()), Verdict::RightButOld);
        assert_eq!(verify("pass wort", &old.to_string()), Verdict::Wrong);
        // From the OpenBSD test vectors, in the spellings of htpasswd and PHP too.
        for prefix in ["$2a", "$2b", "$2y"] {
            let stored = format!("{prefix}$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
            assert_eq!(verify("U*U", &stored), Verdict::RightButOld, "{stored}");
            assert_eq!(verify("U*V", &stored), Verdict::Wrong);
        }
    }

    #[test]
    fn bcrypt_never_matches_by_a_prefix() {
        let password = "x".repeat(72);
        let stored = bcrypt::hash(&password, 4).unwrap();
        assert_eq!(verify(&password, &stored), Verdict::RightButOld);
        assert_eq!(verify(&format!("{password}y"), &stored), Verdict::Wrong);
    }

    #[test]
    fn a_poisoned_row_matches_nothing_and_allocates_nothing() {
        let huge = hash("x").unwrap().replace("m=19456", "m=4194304");
        for stored in [&huge, "", "$", "plain", "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$2b$05$é"] {
            assert_eq!(verify("x", stored), Verdict::Wrong, "{stored}");
        }
    }
}
