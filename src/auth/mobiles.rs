//! The port to whatever keeps recovery mobiles and texted codes. The same terms as in [`super::credentials`]: each method is one
//! transaction, and the audit event is written in it, only if the method did what it is for.
//!
//! A texted code is stored as a keyed hash ([`code_hash`]) that is bound to account, holder and number; so it is worth nothing in
//! another pending login, for another account, or once the number has changed.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::audit::Event;
use crate::auth::credentials::{AttemptId, NewLink};
use crate::auth::self_service::{Proof, Renewal, Spending};
use crate::auth::tickets::TicketId;
use crate::auth::totp::Code;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::keys::{self, KeyRing, Purpose};
use crate::notify::mail::Posting;
use crate::notify::mobile::Mobile;
use crate::ports::{StoreError, TokenHash};

/// How long a texted code is good.
pub const CODE_LIFE: Duration = Duration::from_mins(10);
/// How often one may be tried.
pub const CODE_TRIES: u32 = 5;
/// How long a number that was changed waits before it opens a recovery.
pub const CHANGE_WAIT: Duration = Duration::from_hours(72);
/// How long a recovery that had to wait can go on after its wait.
pub const AFTER_WAIT: Duration = Duration::from_hours(7 * 24);

/// What a texted code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPurpose {
    /// Proves that a number is the person's.
    Number,
    /// Recovers the account.
    Recovery,
}

/// Who has asked for a texted code: nobody else can use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A pending login.
    Pending(TokenHash),
    /// A session.
    Session(Uuid),
}

impl Holder {
    /// As stored.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Pending(token) => &token.0,
            Self::Session(session) => session.as_bytes(),
        }
    }
}

/// A new code: six digits.
pub fn new_code() -> String {
    // The bias of 2^64 modulo a million is nothing that anybody could use.
    format!("{:06}", u64::from_be_bytes(keys::random()) % 1_000_000)
}

/// What the store keeps of a texted code.
pub fn code_hash(
    keys: &KeyRing,
    account: AccountId,
    (holder, purpose): (Holder, TextPurpose),
    number: &Mobile,
    code: &Code,
) -> [u8; 32] {
    let purpose: &[u8] = match purpose {
        TextPurpose::Number => b"number",
        TextPurpose::Recovery => b"recovery",
    };
    let parts = [account.0.as_bytes(), purpose, holder.bytes(), number.as_e164().as_bytes(), code.as_str().as_bytes()];
    keys.mac(Purpose::TextedCode, &parts)
}

/// A number as stored, for this account alone.
pub fn seal(keys: &KeyRing, account: AccountId, number: &Mobile) -> Vec<u8> {
    // Filled up, so that its length tells nothing.
    let padded = format!("{:<16}", number.as_e164());
    keys.seal(Purpose::Mobile, account.0.as_bytes(), padded.as_bytes())
}

/// The number that [`seal`] has put away.
pub fn open(keys: &KeyRing, account: AccountId, sealed: &[u8]) -> Result<Option<Mobile>, keys::KeyError> {
    let plain = keys.open(Purpose::Mobile, account.0.as_bytes(), sealed)?;
    Ok(std::str::from_utf8(&plain).ok().and_then(|text| Mobile::stored(text.trim_end())))
}

/// A recovery mobile, as stored.
#[derive(Clone)]
pub struct StoredMobile {
    /// The number, see [`seal`].
    pub sealed: Vec<u8>,
    /// Bound.
    pub since: Timestamp,
    /// From when on a text to it opens a recovery.
    pub usable_from: Timestamp,
}

/// A number whose code has been texted.
#[derive(Clone)]
pub struct StagedNumber {
    /// Who has asked.
    pub holder: Holder,
    /// For which account.
    pub account: AccountId,
    /// The number, see [`seal`].
    pub sealed: Vec<u8>,
    /// The code, see [`code_hash`].
    pub hash: [u8; 32],
    /// Ends.
    pub expires: Timestamp,
}

/// What a texted code turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Texted {
    /// Right, and spent; everything that follows from it was stored.
    Right,
    /// Wrong; so many tries are left.
    Wrong {
        /// Left.
        left: u32,
    },
    /// There is none (any more), or its holder is gone.
    Gone,
}

/// A recovery by text that begins: the code is on its way.
#[derive(Clone)]
pub struct NewTextRecovery {
    /// Which pending login; must be at `Stage::Verify` or `Stage::Codes`, and its account enrolled, or half-way through a recovery.
    pub pending: TokenHash,
    /// The code, see [`code_hash`].
    pub hash: [u8; 32],
    /// The mail with the link.
    pub posting: Posting,
    /// Hash of the token in that link.
    pub link: TokenHash,
    /// The end of code, link and pending login.
    pub expires: Timestamp,
}

/// How far a recovery by text has come in a pending login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextProgress {
    /// The mailed link was opened, and its button pressed.
    pub mailed: bool,
    /// The texted code was right.
    pub texted: bool,
}

/// A mailed link of a recovery that is under way.
#[derive(Clone, Copy, Debug)]
pub struct MailedRecovery {
    /// The mail's id.
    pub id: TicketId,
    /// Whose account.
    pub account: AccountId,
    /// Ends.
    pub expires: Timestamp,
}

/// Finishing a recovery by text.
#[derive(Clone)]
pub struct TextRecovery {
    /// Which pending login.
    pub pending: TokenHash,
    /// The grant that it opens.
    pub grant: NewLink,
    /// The pending login's new end.
    pub expires: Timestamp,
    /// How long it has to wait after it was proved for the first time; zero: not at all.
    pub delay: Duration,
    /// Written if it is accepted.
    pub accepted: Event,
    /// Written if it begins to wait.
    pub waits: Event,
}

/// What finishing led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum TextRecovered {
    /// Accepted, as with a recovery code.
    Accepted,
    /// Code or link are missing.
    Missing,
    /// It has to wait until then; both have to be shown once more afterwards.
    Waits {
        /// Until when.
        until: Timestamp,
        /// It has just begun to.
        began: bool,
    },
    /// The pending login was led to set-up meanwhile.
    Repeated,
    /// The pending login is gone.
    Gone,
}

/// The port.
#[async_trait]
pub trait Mobiles: Send + Sync {
    /// The recovery mobile of an account.
    async fn mobile(&self, account: AccountId) -> Result<Option<StoredMobile>, StoreError>;

    // --- a number is bound --------------------------------------------------------------------------------------------
    /// Keeps a number and its code for a live holder of this account, in place of what was kept before. `false`: gone.
    async fn stage_number(&self, number: StagedNumber, now: Timestamp) -> Result<bool, StoreError>;
    /// The number that waits for its code.
    async fn staged_number(&self, holder: Holder, account: AccountId, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError>;
    /// Binds it in the wizard: the pending login must be at `Stage::Verify` and have used a code of the authenticator, and the
    /// account have no mobile. Moves no epoch. A wrong code is counted; the last try takes the code away.
    async fn bind_in_wizard(
        &self,
        pending: &TokenHash,
        hash: [u8; 32],
        usable_from: Timestamp,
        now: Timestamp,
        event: Event,
    ) -> Result<Texted, StoreError>;
    /// Spends a code of the authenticator for what follows in this session: another number. Nothing else changes.
    async fn begin_change(&self, proof: Proof, now: Timestamp, event: Event) -> Result<Spending, StoreError>;
    /// Binds it in a session, in place of the one before. The epoch moves: other sessions, known browsers, pending logins, links
    /// and grants die, and this session goes on under new cookies. A wrong code is counted, as above.
    async fn bind_in_session(
        &self,
        session: Uuid,
        account: AccountId,
        (hash, usable_from): ([u8; 32], Timestamp),
        renewal: Renewal,
        now: Timestamp,
        event: Event,
    ) -> Result<Texted, StoreError>;
    /// Forgets the mobile. The epoch moves, as above.
    async fn remove_mobile(&self, proof: Proof, renewal: Renewal, now: Timestamp, event: Event) -> Result<Spending, StoreError>;

    // --- recovery -----------------------------------------------------------------------------------------------------
    /// A recovery by text was asked for: the pending login lasts until `until` at least, whoever may or may not be recovered so.
    /// Its end stands on a page, and must tell nobody whether a mobile exists.
    async fn recovery_was_asked(&self, pending: &TokenHash, until: Timestamp) -> Result<(), StoreError>;
    /// Keeps the code and puts the mail into the outbox (not if an earlier one's button was pressed). `false`: the pending login
    /// is gone; nothing was kept.
    async fn begin_recovery(&self, new: NewTextRecovery, now: Timestamp, event: Event) -> Result<bool, StoreError>;
    /// How far it has come. `None`: nothing has begun, or the pending login is gone.
    async fn recovery_progress(&self, pending: &TokenHash, now: Timestamp) -> Result<Option<TextProgress>, StoreError>;
    /// Spends the code: settles the attempt as right and notes that the code was. `false`: wrong, over, or tried too often; the
    /// attempt stays counted.
    async fn spend_recovery_code(
        &self,
        pending: &TokenHash,
        attempt: AttemptId,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    /// The recovery whose mail has the link with this token. Reading changes nothing.
    async fn recovery_by_link(&self, link: &TokenHash, now: Timestamp) -> Result<Option<MailedRecovery>, StoreError>;
    /// The recovery with this mail.
    async fn recovery_by_mail(&self, mail: TicketId, now: Timestamp) -> Result<Option<MailedRecovery>, StoreError>;
    /// Notes that the mail's button was pressed. `false`: gone.
    async fn confirm_mailed(&self, mail: TicketId, now: Timestamp, event: Event) -> Result<bool, StoreError>;
    /// Accepts a recovery whose code and link were both shown, in the same act as for a recovery code
    /// ([`super::credentials::Credentials::recover`]); or lets it wait.
    async fn recover_by_text(&self, recovery: TextRecovery, now: Timestamp) -> Result<TextRecovered, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_bound_to_account_holder_purpose_and_number() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let mobile = |text: &str| Mobile::stored(text).unwrap();
        let (anna, bert) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let (one, two) = (Holder::Session(Uuid::from_u128(3)), Holder::Pending(TokenHash([4; 32])));
        let code = Code::parse("123456").unwrap();
        let hash = |account, holder, purpose, number: &str, code: &Code| {
            code_hash(&keys, account, (holder, purpose), &mobile(number), code)
        };
        let same = hash(anna, one, TextPurpose::Number, "+12035550123", &code);
        assert_eq!(same, hash(anna, one, TextPurpose::Number, "+12035550123", &Code::parse("123 456").unwrap()));
        for other in [
            hash(bert, one, TextPurpose::Number, "+12035550123", &code),
            hash(anna, two, TextPurpose::Number, "+12035550123", &code),
            hash(anna, one, TextPurpose::Recovery, "+12035550123", &code),
            hash(anna, one, TextPurpose::Number, "+12035550124", &code),
            hash(anna, one, TextPurpose::Number, "+12035550123", &Code::parse("123457").unwrap()),
        ] {
            assert_ne!(same, other);
        }
    }

    #[test]
    fn a_number_opens_for_its_account_alone_and_all_are_of_one_length() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let (anna, bert) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let (short, long) = (Mobile::stored("+4912345").unwrap(), Mobile::stored("+491512345678901").unwrap());
        let sealed = seal(&keys, anna, &short);
        assert_eq!(open(&keys, anna, &sealed).unwrap(), Some(short));
        assert!(open(&keys, bert, &sealed).is_err());
        assert_eq!(sealed.len(), seal(&keys, anna, &long).len());
    }

    #[test]
    fn codes_are_six_digits_and_not_always_the_same() {
        let codes: std::collections::HashSet<String> = (0..50).map(|_| new_code()).collect();
        assert!(codes.len() > 40 && codes.iter().all(|code| Code::parse(code).is_some()));
    }
}
