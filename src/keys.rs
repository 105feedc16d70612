//! The master key ring, what is derived from it, sealing at rest, and random bytes. Nothing else asks the system's generator.

mod form_token;
mod scattered;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use rand::TryRng as _;
use rand::rngs::SysRng;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::clock::Timestamp;

pub use form_token::FormToken;
pub use scattered::Scattered;

const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 24;
const FORMAT: u8 = 1;

/// What a derived key is for. Each purpose has a key of its own, so that what was made for one opens nothing of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it; the strings below are what counts")]
pub enum Purpose {
    TotpSecret,
    StagedSecret,
    StagedCodes,
    RecoveryCode,
    GrantCookie,
    DeviceCookie,
    FormToken,
    LoginName,
    ClientName,
    Audit,
    Outbox,
    MailLink,
    TicketCookie,
    ParkedHead,
    ParkedBody,
    ParkedPlace,
    Mobile,
    MobileName,
    TextedCode,
    Handoff,
}

impl Purpose {
    /// The derivation label. Never change one: what is stored under it would no longer open.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::TotpSecret => b"vestibule totp secret",
            Self::StagedSecret => b"vestibule staged totp secret",
            Self::StagedCodes => b"vestibule staged recovery codes",
            Self::RecoveryCode => b"vestibule recovery code",
            Self::GrantCookie => b"vestibule grant cookie",
            Self::DeviceCookie => b"vestibule device cookie",
            Self::FormToken => b"vestibule form token",
            Self::LoginName => b"vestibule login name",
            Self::ClientName => b"vestibule client name",
            Self::Audit => b"vestibule audit chain",
            Self::Outbox => b"vestibule mail in the outbox",
            Self::MailLink => b"vestibule link in a mail",
            Self::TicketCookie => b"vestibule ticket cookie",
            Self::ParkedHead => b"vestibule parked head",
            Self::ParkedBody => b"vestibule parked body",
            Self::ParkedPlace => b"vestibule parked place",
            Self::Mobile => b"vestibule recovery mobile",
            Self::MobileName => b"vestibule mobile number name",
            Self::TextedCode => b"vestibule texted code",
            Self::Handoff => b"vestibule handoff between hosts",
        }
    }
}

/// Why a key file or a sealed value could not be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key file holds no key.
    #[error("the key file is empty: expected at least one line ID:BASE64 with 32 bytes")]
    Empty,
    /// A line of the key file is not a key.
    #[error("line {0} of the key file is not ID:BASE64 with a number from 0 to 255 and 32 bytes")]
    BadLine(usize),
    /// Two lines with one id.
    #[error("line {0} of the key file repeats a key id")]
    Repeated(usize),
    /// A sealed value that was changed, belongs elsewhere, or was made under another key.
    #[error("the sealed value does not open under this key ring and identity")]
    Unsealable,
}

struct MasterKey {
    id: u8,
    bytes: Zeroizing<[u8; KEY_LEN]>,
}

/// The operator's keys; the first seals and signs, all open.
pub struct KeyRing {
    keys: Vec<MasterKey>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

impl KeyRing {
    /// Reads a key file: one `ID:BASE64` per line, the first is the one in use; empty lines and `#` comments are skipped.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys: Vec<MasterKey> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let (number, line) = (number + 1, line.trim());
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = parse_line(line).ok_or(KeyError::BadLine(number))?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(KeyError::Repeated(number));
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(KeyError::Empty) } else { Ok(Self { keys }) }
    }

    /// The text of a new key file with one random key.
    pub fn generate_file() -> Zeroizing<String> {
        let key = Zeroizing::new(random::<KEY_LEN>());
        Zeroizing::new(format!(
            "# Vestibule master key. Whoever has it and the database can compute codes: keep it secret and back it up apart.\n1:{}\n",
            STANDARD.encode(*key)
        ))
    }

    /// Seals `plain` so that it opens only for the same purpose and identity (row, column: whatever tells where it belongs).
    ///
    /// # Panics
    /// Above 256 GiB.
    pub fn seal(&self, purpose: Purpose, identity: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = random::<NONCE_LEN>();
        let Some(key) = self.keys.first() else { return Vec::new() };
        let cipher = XChaCha20Poly1305::new(&(*derive(key, purpose)).into());
        let payload = Payload { msg: plain, aad: &associated(key.id, identity) };
        #[expect(clippy::expect_used, reason = "fails only above 256 GiB")]
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).expect("a short message seals");
        let mut out = Vec::with_capacity(2 + NONCE_LEN + sealed.len());
        out.extend([FORMAT, key.id]);
        out.extend(nonce);
        out.extend(sealed);
        out
    }

    /// Opens what [`Self::seal`] made for the same purpose and identity.
    pub fn open(&self, purpose: Purpose, identity: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (head, body) = sealed.split_at_checked(2 + NONCE_LEN).ok_or(KeyError::Unsealable)?;
        let [FORMAT, id, nonce @ ..] = head else { return Err(KeyError::Unsealable) };
        let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| KeyError::Unsealable)?;
        let key = self.keys.iter().find(|key| key.id == *id).ok_or(KeyError::Unsealable)?;
        let cipher = XChaCha20Poly1305::new(&(*derive(key, purpose)).into());
        let payload = Payload { msg: body, aad: &associated(key.id, identity) };
        let plain = cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| KeyError::Unsealable)?;
        Ok(Zeroizing::new(plain))
    }

    /// HMAC-SHA-256 (RFC 2104) over the parts, each preceded by its length, under this purpose's key.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        // The oldest key: a keyed hash must stay the same when a new key is put in front.
        let Some(key) = self.keys.last() else { return [0; 32] };
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&*derive(key, purpose)).expect("HMAC takes any key");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

fn parse_line(line: &str) -> Option<MasterKey> {
    let (id, encoded) = line.split_once(':')?;
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let bytes: [u8; KEY_LEN] = decoded.as_slice().try_into().ok()?;
    Some(MasterKey { id: id.trim().parse().ok()?, bytes: Zeroizing::new(bytes) })
}

fn derive(key: &MasterKey, purpose: Purpose) -> Zeroizing<[u8; KEY_LEN]> {
    let mut out = Zeroizing::new([0; KEY_LEN]);
    #[expect(clippy::expect_used, reason = "HKDF fails only above 255 blocks")]
    Hkdf::<Sha256>::new(None, &*key.bytes).expand(purpose.label(), &mut *out).expect("32 bytes are one block");
    out
}

fn associated(id: u8, identity: &[u8]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(2 + identity.len());
    aad.extend([FORMAT, id]);
    aad.extend(identity);
    aad
}

/// `N` bytes from the operating system's generator.
///
/// # Panics
/// When the system has none to give: going on without would be worse.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "no secret may be made without the system's generator")]
    SysRng.try_fill_bytes(&mut bytes).expect("the system's random generator answers");
    bytes
}

/// A version 7 UUID (RFC 9562): sorts by the time given.
pub fn new_id(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random()).into_uuid()
}

/// SHA-256 (FIPS 180-4): how tokens are stored.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(text: &str) -> KeyRing {
        KeyRing::parse(text).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_only_for_its_purpose_and_identity() {
        let ring = ring(&KeyRing::generate_file());
        let sealed = ring.seal(Purpose::TotpSecret, b"account 1", b"plain");
        assert_eq!(&**ring.open(Purpose::TotpSecret, b"account 1", &sealed).unwrap(), b"plain");
        assert_eq!(ring.open(Purpose::TotpSecret, b"account 2", &sealed), Err(KeyError::Unsealable));
        assert_eq!(ring.open(Purpose::StagedSecret, b"account 1", &sealed), Err(KeyError::Unsealable));
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert_eq!(ring.open(Purpose::TotpSecret, b"account 1", &bent), Err(KeyError::Unsealable));
            assert_eq!(ring.open(Purpose::TotpSecret, b"account 1", &sealed[..at]), Err(KeyError::Unsealable));
        }
    }

    #[test]
    fn a_new_key_in_front_seals_and_the_old_one_still_opens() {
        let old_line = format!("1:{}", STANDARD.encode([7; 32]));
        let old = ring(&old_line);
        let both = ring(&format!("2:{}\n{old_line}\n", STANDARD.encode([9; 32])));
        let sealed = old.seal(Purpose::TotpSecret, b"", b"x");
        assert_eq!(&**both.open(Purpose::TotpSecret, b"", &sealed).unwrap(), b"x");
        assert!(old.open(Purpose::TotpSecret, b"", &both.seal(Purpose::TotpSecret, b"", b"x")).is_err());
        assert_eq!(old.mac(Purpose::Audit, &[b"a", b"b"]), both.mac(Purpose::Audit, &[b"a", b"b"]));
        assert_ne!(old.mac(Purpose::Audit, &[b"a", b"b"]), old.mac(Purpose::Audit, &[b"ab"]));
    }

    #[test]
    fn a_bad_key_file_is_named_by_line() {
        assert_eq!(KeyRing::parse("# nothing\n").unwrap_err(), KeyError::Empty);
        assert_eq!(KeyRing::parse("\n1:short").unwrap_err(), KeyError::BadLine(2));
        let key = STANDARD.encode([7; 32]);
        assert_eq!(KeyRing::parse(&format!("1:{key}\n1:{key}")).unwrap_err(), KeyError::Repeated(2));
    }
}
