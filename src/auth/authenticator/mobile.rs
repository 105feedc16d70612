//! The recovery mobile: bound in the wizard, changed or removed in a session. A number counts only once the code that was texted to
//! it has come back from the browser that asked for it.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    AuthError, Authenticator, ChangeStep, Factors, MobileView, NotProved, NumberProof, NumberStep, NumberUnfit, RemoveStep,
    Renewed, Visitor, uncut,
};
use crate::auth::account::Account;
use crate::auth::budget::TextAsker;
use crate::auth::credentials::Stage;
use crate::auth::mobiles::{self, CHANGE_WAIT, CODE_LIFE, Holder, Mobiles, StagedNumber, TextPurpose, Texted};
use crate::auth::notices::{tell, tell_regulars};
use crate::auth::texts::{self, Counter, Leave, Sent, Texts};
use crate::auth::totp::Code;
use crate::auth::{Settings, events};
use crate::clock::Reading;
use crate::identity::AccountId;
use crate::notify::mail::Notice;
use crate::notify::mobile::Mobile;
use crate::notify::text::{self, Letterhead};
use crate::ports::{Token, TokenHash};

/// Where mobiles are kept, and the way of texts as it is now.
pub(super) struct Desk {
    pub store: Arc<dyn Mobiles>,
    pub texts: Arc<Texts>,
}

impl Authenticator {
    /// Whether texts are sent, so that people may bind a mobile.
    pub fn sends_texts(&self) -> bool {
        self.desk().is_some()
    }

    /// The calling codes that texts are sent to, as people write them; empty where none are sent.
    pub fn calling_codes(&self) -> String {
        self.desk().map(|desk| desk.texts.countries.shown()).unwrap_or_default()
    }

    /// The recovery mobile of an account, as its owner sees it.
    pub async fn mobile_view(&self, account: AccountId, now: Reading) -> Result<Option<MobileView>, AuthError> {
        let Some((store, _)) = &self.mobiles else { return Ok(None) };
        let Some(stored) = store.mobile(account).await? else { return Ok(None) };
        let number = mobiles::open(&self.keys, account, &stored.sealed)?;
        let waits_until = (stored.usable_from > now.secure).then_some(stored.usable_from);
        Ok(number.map(|number| MobileView { ending: number.ending().to_owned(), waits_until }))
    }

    /// Whether the wizard of this pending login may bind a mobile: a code of the authenticator was used in it, texts are sent,
    /// and there is none yet.
    pub async fn may_bind_mobile(&self, pending: &Token, now: Reading) -> Result<bool, AuthError> {
        Ok(self.in_wizard(&pending.hash(), now).await?.is_some())
    }

    /// The last two digits of the number that waits for its code, in the wizard or in a session.
    pub async fn number_waiting(&self, holder: Holder, account: AccountId, now: Reading) -> Result<Option<String>, AuthError> {
        let Some(desk) = self.desk() else { return Ok(None) };
        let number = self.staged_number(&desk, holder, account, now).await?;
        Ok(number.map(|number| number.ending().to_owned()))
    }

    /// Texts a code to the number that was given in the wizard.
    pub async fn text_number(
        &self,
        visitor: &Visitor,
        pending: &Token,
        number: &str,
        head: &Letterhead,
    ) -> Result<NumberStep, AuthError> {
        let (this, visitor, pending, head, number) =
            (self.clone(), visitor.clone(), pending.hash(), head.clone(), number.to_owned());
        uncut(async move {
            let Some((desk, account)) = this.in_wizard(&pending, visitor.now).await? else { return Ok(NumberStep::Gone) };
            let number = match Mobile::parse(&number, &desk.texts.countries) {
                Ok(number) => number,
                Err(wrong) => return Ok(NumberStep::Unfit(NumberUnfit::Wrong(wrong))),
            };
            let leave = match this.leave(&visitor, account.id, TextAsker::Owner).await? {
                Ok(leave) => leave,
                Err(wait) => return Ok(NumberStep::Unfit(NumberUnfit::SlowDown(wait))),
            };
            let holder = Holder::Pending(pending);
            Ok(match this.text_to(&desk, &visitor, (holder, account.id), leave, &number, &head).await? {
                Some(Ok(())) => NumberStep::Texted(number.ending().to_owned()),
                Some(Err(unfit)) => NumberStep::Unfit(unfit),
                None => NumberStep::Gone,
            })
        })
        .await
    }

    /// The texted code, in the wizard: binds the number.
    pub async fn confirm_number(&self, visitor: &Visitor, pending: &Token, code: &str) -> Result<NumberProof<()>, AuthError> {
        let (this, visitor, pending, code) = (self.clone(), visitor.clone(), pending.hash(), Code::parse(code));
        uncut(async move {
            let Some((desk, account)) = this.in_wizard(&pending, visitor.now).await? else { return Ok(NumberProof::Gone) };
            let holder = Holder::Pending(pending);
            let Some(number) = this.staged_number(&desk, holder, account.id, visitor.now).await? else {
                return Ok(NumberProof::Gone);
            };
            let Some(code) = code else { return Ok(NumberProof::Malformed) };
            let hash = mobiles::code_hash(&this.keys, account.id, (holder, TextPurpose::Number), &number, &code);
            let now = visitor.now.secure;
            // Whoever was inside before and binds one now may not be who they say.
            let usable_from = if account.last_sign_in.is_some() { now + CHANGE_WAIT } else { now };
            let settings = this.settings();
            let event = events::done(&visitor, &account, events::MOBILE_CHANGE)
                .with("ending", number.ending())
                .telling(tell_regulars(&settings, &visitor, &account, Notice::MobileChanged));
            Ok(match desk.store.bind_in_wizard(&pending, hash, usable_from, now, event).await? {
                Texted::Right => NumberProof::Bound(()),
                Texted::Wrong { left } => this.wrong_text(&settings, &visitor, &account, left).await?,
                Texted::Gone => NumberProof::Gone,
            })
        })
        .await
    }

    /// Texts a code to the number that was given in a session, with password and code of the authenticator.
    pub async fn text_new_number(
        &self,
        visitor: &Visitor,
        (session, account): (Uuid, AccountId),
        factors: Factors,
        number: &str,
        head: &Letterhead,
    ) -> Result<ChangeStep, AuthError> {
        let Some(desk) = self.desk() else { return Ok(ChangeStep::Off) };
        let unfit = |why, spent| Ok(ChangeStep::Unfit { why, spent });
        let number = match Mobile::parse(number, &desk.texts.countries) {
            Ok(number) => number,
            Err(wrong) => return unfit(NumberUnfit::Wrong(wrong), false),
        };
        let (this, visitor, head) = (self.clone(), visitor.clone(), head.clone());
        uncut(async move {
            let settings = this.settings();
            let proved = match this.prove(&settings, &visitor, (session, account), factors).await? {
                Ok(proved) => proved,
                Err(refused) => return Ok(ChangeStep::NotProved(refused)),
            };
            let leave = match this.leave(&visitor, account, TextAsker::Owner).await? {
                Ok(leave) => leave,
                Err(wait) => {
                    this.store.void_in_session(session).await?;
                    return unfit(NumberUnfit::SlowDown(wait), false);
                }
            };
            // Spent before anything is sent: of two presses of one button only one sends.
            let event = events::done(&visitor, &proved.account, events::MOBILE_STAGE).with("session", session.to_string());
            let spending = desk.store.begin_change(proved.proof, visitor.now.secure, event).await?;
            if let Err(refused) = this.settled(&settings, &visitor, &proved, spending).await? {
                return Ok(ChangeStep::NotProved(refused));
            }
            Ok(match this.text_to(&desk, &visitor, (Holder::Session(session), account), leave, &number, &head).await? {
                Some(Ok(())) => ChangeStep::Texted(number.ending().to_owned()),
                Some(Err(why)) => ChangeStep::Unfit { why, spent: true },
                None => ChangeStep::NotProved(NotProved::Ended),
            })
        })
        .await
    }

    /// The texted code, in a session: the number takes the place of the one before, which is told.
    pub async fn confirm_new_number(
        &self,
        visitor: &Visitor,
        (session, account): (Uuid, AccountId),
        code: &str,
        head: &Letterhead,
    ) -> Result<NumberProof<Renewed>, AuthError> {
        let (this, visitor, code, head) = (self.clone(), visitor.clone(), Code::parse(code), head.clone());
        uncut(async move {
            let Some(desk) = this.desk() else { return Ok(NumberProof::Gone) };
            let Some(account) = this.store.account(account).await? else { return Ok(NumberProof::Gone) };
            let holder = Holder::Session(session);
            let Some(number) = this.staged_number(&desk, holder, account.id, visitor.now).await? else {
                return Ok(NumberProof::Gone);
            };
            let Some(code) = code else { return Ok(NumberProof::Malformed) };
            let hash = mobiles::code_hash(&this.keys, account.id, (holder, TextPurpose::Number), &number, &code);
            let (now, settings) = (visitor.now.secure, this.settings());
            let before = this.number_of(&desk, account.id).await?;
            let cookies = this.new_cookies(&visitor, account.id).await?;
            let event = events::done(&visitor, &account, events::MOBILE_CHANGE)
                .with("session", session.to_string())
                .with("ending", number.ending())
                .with("old_ending", before.as_ref().map(|before| before.ending().to_owned()))
                .telling(tell(&settings, &visitor, &account, Notice::MobileChanged));
            let at = (hash, now + CHANGE_WAIT);
            let bound = desk.store.bind_in_session(session, account.id, at, cookies.renewal(), now, event).await?;
            Ok(match bound {
                Texted::Right => {
                    this.tell_old_number(desk, &visitor, &account, before.filter(|before| *before != number), &head);
                    NumberProof::Bound(cookies.renewed())
                }
                Texted::Wrong { left } => this.wrong_text(&settings, &visitor, &account, left).await?,
                Texted::Gone => NumberProof::Gone,
            })
        })
        .await
    }

    /// Forgets the mobile, for password and code of the authenticator. The number is told.
    pub async fn remove_mobile(
        &self,
        visitor: &Visitor,
        (session, account): (Uuid, AccountId),
        factors: Factors,
        head: &Letterhead,
    ) -> Result<RemoveStep, AuthError> {
        let (this, visitor, head) = (self.clone(), visitor.clone(), head.clone());
        uncut(async move {
            let Some((store, _)) = &this.mobiles else { return Ok(RemoveStep::NotProved(NotProved::Ended)) };
            let settings = this.settings();
            let proved = match this.prove(&settings, &visitor, (session, account), factors).await? {
                Ok(proved) => proved,
                Err(refused) => return Ok(RemoveStep::NotProved(refused)),
            };
            let before = match this.desk() {
                Some(desk) => this.number_of(&desk, account).await?.map(|number| (desk, number)),
                None => None,
            };
            let cookies = this.new_cookies(&visitor, account).await?;
            let event = events::done(&visitor, &proved.account, events::MOBILE_REMOVE)
                .with("session", session.to_string())
                .telling(tell(&settings, &visitor, &proved.account, Notice::MobileChanged));
            let now = visitor.now.secure;
            let spending = store.remove_mobile(proved.proof, cookies.renewal(), now, event).await?;
            Ok(match this.settled(&settings, &visitor, &proved, spending).await? {
                Ok(()) => {
                    if let Some((desk, number)) = before {
                        this.tell_old_number(desk, &visitor, &proved.account, Some(number), &head);
                    }
                    RemoveStep::Removed(cookies.renewed())
                }
                Err(refused) => RemoveStep::NotProved(refused),
            })
        })
        .await
    }

    pub(super) fn desk(&self) -> Option<Desk> {
        let (store, texts) = self.mobiles.as_ref()?;
        Some(Desk { store: Arc::clone(store), texts: texts.load_full()? })
    }

    pub(super) fn counter(&self, now: Reading) -> Counter<'_> {
        Counter { store: &*self.store, keys: &self.keys, now: now.secure }
    }

    pub(super) async fn leave(
        &self,
        visitor: &Visitor,
        account: AccountId,
        asker: TextAsker,
    ) -> Result<Result<Leave, std::time::Duration>, AuthError> {
        let client = self.settings().limited(visitor.client);
        Ok(Leave::ask(self.counter(visitor.now), account, asker, client).await?)
    }

    /// The number of an account, opened.
    pub(super) async fn number_of(&self, desk: &Desk, account: AccountId) -> Result<Option<Mobile>, AuthError> {
        let Some(stored) = desk.store.mobile(account).await? else { return Ok(None) };
        Ok(mobiles::open(&self.keys, account, &stored.sealed)?)
    }

    /// Sends a code and keeps it, if the gateway has it: a gateway that fails leaves the code before as it was. `None`: the
    /// holder is gone.
    async fn text_to(
        &self,
        desk: &Desk,
        visitor: &Visitor,
        (holder, account): (Holder, AccountId),
        leave: Leave,
        number: &Mobile,
        head: &Letterhead,
    ) -> Result<Option<Result<(), NumberUnfit>>, AuthError> {
        let code = mobiles::new_code();
        let Some(parsed) = Code::parse(&code) else { return Ok(None) };
        let words = text::code(visitor.language, head, &code);
        match texts::send(self.counter(visitor.now), &desk.texts, leave, number, &words).await? {
            Sent::Yes => {}
            Sent::Capped | Sent::Refused => return Ok(Some(Err(NumberUnfit::Refused))),
            Sent::Away => return Ok(Some(Err(NumberUnfit::Away))),
        }
        let staged = StagedNumber {
            holder,
            account,
            sealed: mobiles::seal(&self.keys, account, number),
            hash: mobiles::code_hash(&self.keys, account, (holder, TextPurpose::Number), number, &parsed),
            expires: visitor.now.secure + CODE_LIFE,
        };
        Ok(desk.store.stage_number(staged, visitor.now.secure).await?.then_some(Ok(())))
    }

    async fn staged_number(
        &self,
        desk: &Desk,
        holder: Holder,
        account: AccountId,
        now: Reading,
    ) -> Result<Option<Mobile>, AuthError> {
        let Some(sealed) = desk.store.staged_number(holder, account, now.secure).await? else { return Ok(None) };
        Ok(mobiles::open(&self.keys, account, &sealed)?)
    }

    /// The account of a pending login that may bind a mobile.
    async fn in_wizard(&self, pending: &TokenHash, now: Reading) -> Result<Option<(Desk, Account)>, AuthError> {
        let Some(desk) = self.desk() else { return Ok(None) };
        let Some((pending, account)) = self.store.pending(pending, now.secure).await? else { return Ok(None) };
        if pending.stage != Stage::Verify || pending.enabled_step.is_none() || account.mfa.is_none() {
            return Ok(None);
        }
        Ok(desk.store.mobile(account.id).await?.is_none().then_some((desk, account)))
    }

    /// A wrong texted code: noted, and paid for by its client. It has limits of its own, and ends nothing.
    async fn wrong_text<T>(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        account: &Account,
        left: u32,
    ) -> Result<NumberProof<T>, AuthError> {
        self.store.note_failure(events::failed(visitor, Some(account), events::CODE_REFUSE)).await?;
        self.bench(settings, visitor).cost().await?;
        Ok(NumberProof::Wrong { left })
    }

    /// By mail it is told anyway; nobody waits for this.
    fn tell_old_number(&self, desk: Desk, visitor: &Visitor, account: &Account, old: Option<Mobile>, head: &Letterhead) {
        let Some(old) = old else { return };
        let words = text::mobile_changed(account.language.unwrap_or(visitor.language), head);
        let (this, now, account) = (self.clone(), visitor.now, account.id);
        tokio::spawn(async move { texts::tell(this.counter(now), &desk.texts, account, &old, &words).await });
    }
}
