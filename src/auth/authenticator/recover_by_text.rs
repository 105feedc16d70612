//! Recovery by text: after the password, a code that is texted to the recovery mobile and the link of a mail, in place of the lost
//! authenticator. What follows is what follows from a recovery code.
//!
//! Whoever asks gets the same answer whether or not there is a mobile that may be used: all that differs happens afterwards, in a
//! task of its own.

use super::mobile::Desk;
use super::{AuthError, Authenticator, TextStep, Visitor, uncut};
use crate::auth::account::Account;
use crate::auth::budget::TextAsker;
use crate::auth::credentials::{AfterWrongCode, LinkKind, Pending, Stage};
use crate::auth::mobiles::{
    self, CODE_LIFE, Holder, MailedRecovery, NewTextRecovery, TextProgress, TextPurpose, TextRecovered, TextRecovery,
};
use crate::auth::notices::tell;
use crate::auth::stage::{Asked, Attempt};
use crate::auth::texts::{self, Leave, Sent};
use crate::auth::tickets;
use crate::auth::totp::Code;
use crate::auth::{Settings, events, grant};
use crate::clock::{Reading, Timestamp};
use crate::notify::mail::{Mail, Notice, Posting, Scene};
use crate::notify::mobile::Mobile;
use crate::notify::text::{self, Letterhead};
use crate::ports::{Token, TokenHash};

impl Authenticator {
    /// Whether recovery by text is there at all, for anybody: it takes texts and mails.
    pub fn recovers_by_text(&self) -> bool {
        self.settings().mail && self.desk().is_some()
    }

    /// How far a recovery by text has come in this pending login, as far as its browser may know: nothing before the code.
    pub async fn text_recovery(&self, pending: &Token, now: Reading) -> Result<Option<TextProgress>, AuthError> {
        let Some(desk) = self.desk() else { return Ok(None) };
        let found = desk.store.recovery_progress(&pending.hash(), now.secure).await?;
        Ok(found.filter(|progress| progress.texted))
    }

    /// Asks for a code by text and a link by mail.
    pub async fn ask_for_recovery_text(
        &self,
        visitor: &Visitor,
        pending: &Token,
        head: &Letterhead,
    ) -> Result<TextStep, AuthError> {
        let settings = self.settings();
        let (Some(desk), true) = (self.desk(), settings.mail) else { return Ok(TextStep::Off) };
        let Some((pending, account)) = self.store.pending(&pending.hash(), visitor.now.secure).await? else {
            return Ok(TextStep::Gone);
        };
        if pending.stage == Stage::Setup || (account.mfa.is_none() && !account.half_way) {
            return Ok(TextStep::Gone);
        }
        if account.locked_at.is_some() && pending.device.is_none() {
            return Ok(TextStep::Locked);
        }
        let asker = pending.device.map_or(TextAsker::Unknown, TextAsker::Known);
        let leave = match self.leave(visitor, account.id, asker).await? {
            Ok(leave) => leave,
            Err(wait) => return Ok(TextStep::SlowDown(wait)),
        };
        desk.store.recovery_was_asked(&pending.token, visitor.now.secure + CODE_LIFE).await?;
        let (this, visitor, head) = (self.clone(), visitor.clone(), head.clone());
        tokio::spawn(async move {
            let id = account.id;
            if let Err(error) = this.begin_text_recovery(&desk, &visitor, (&pending, &account), leave, &head).await {
                tracing::error!(account = %id, %error, "a recovery by text could not begin");
            }
        });
        Ok(TextStep::Asked)
    }

    /// Texts the code and mails the link, both or neither, if this account may be recovered so.
    async fn begin_text_recovery(
        &self,
        desk: &Desk,
        visitor: &Visitor,
        (pending, account): (&Pending, &Account),
        leave: Leave,
        head: &Letterhead,
    ) -> Result<(), AuthError> {
        let now = visitor.now.secure;
        let Some(number) = self.usable_number(desk, account, now).await? else { return Ok(()) };
        let code = mobiles::new_code();
        let Some(parsed) = Code::parse(&code) else { return Ok(()) };
        let words = text::code(account.language.unwrap_or(visitor.language), head, &code);
        if texts::send(self.counter(visitor.now), &desk.texts, leave.for_good(), &number, &words).await? != Sent::Yes {
            return Ok(());
        }
        let expires = now + CODE_LIFE;
        let scene = Scene {
            at: visitor.now.wall.millis(),
            client: Some(visitor.client.to_canonical()),
            agent: visitor.agent.clone(),
            portal: Some(visitor.portal.clone()),
        };
        let posting = Posting::new(Mail::Recover { account: account.id, scene }, now, expires);
        let holder = Holder::Pending(pending.token);
        let new = NewTextRecovery {
            pending: pending.token,
            hash: mobiles::code_hash(&self.keys, account.id, (holder, TextPurpose::Recovery), &number, &parsed),
            link: posting.id.link(&self.keys).hash(),
            posting,
            expires,
        };
        let event = events::done(visitor, account, events::RECOVERY_TEXT);
        if !desk.store.begin_recovery(new, now, event).await? {
            tracing::info!(account = %account.id, "a recovery by text has lost its sign-in");
        }
        Ok(())
    }

    /// The number that may recover this account now, if any.
    async fn usable_number(&self, desk: &Desk, account: &Account, now: Timestamp) -> Result<Option<Mobile>, AuthError> {
        let held = account.is_held(now);
        let usable = desk.store.mobile(account.id).await?.is_some_and(|mobile| mobile.usable_from <= now);
        if account.admin || held || !usable {
            tracing::info!(account = %account.id, admin = account.admin, held, usable, "no recovery by text");
            return Ok(None);
        }
        self.number_of(desk, account.id).await
    }

    /// The texted code, or none where it was right before: goes on as soon as the mailed link was confirmed, too.
    pub async fn recover_by_text(
        &self,
        visitor: &Visitor,
        pending: &Token,
        code: Option<&str>,
        head: &Letterhead,
    ) -> Result<TextStep, AuthError> {
        let code = code.and_then(Code::parse);
        let (this, visitor, pending, head) = (self.clone(), visitor.clone(), pending.hash(), head.clone());
        uncut(async move { this.recover_by_text_uncut(&visitor, &pending, code, &head).await }).await
    }

    async fn recover_by_text_uncut(
        &self,
        visitor: &Visitor,
        pending: &TokenHash,
        code: Option<Code>,
        head: &Letterhead,
    ) -> Result<TextStep, AuthError> {
        let (now, settings) = (visitor.now.secure, self.settings());
        let (Some(desk), true) = (self.desk(), settings.mail) else { return Ok(TextStep::Off) };
        let Some((pending, account)) = self.store.pending(pending, now).await? else { return Ok(TextStep::Gone) };
        if pending.stage == Stage::Setup {
            return Ok(if account.mfa.is_none() { TextStep::Repeated } else { TextStep::Gone });
        }
        // What was right once is not asked again, and a button that is pressed twice costs nothing.
        let right = desk.store.recovery_progress(&pending.token, now).await?.is_some_and(|progress| progress.texted);
        if !right {
            let Some(code) = code else { return Ok(TextStep::Malformed) };
            match self.spend_texted(&desk, &settings, visitor, (&pending, &account), &code).await? {
                None => {}
                Some(refused) => return Ok(refused),
            }
        }
        self.finish_by_text(&desk, &settings, visitor, (&pending, &account), head).await
    }

    /// Counts, compares and spends the code. `None`: it was right.
    async fn spend_texted(
        &self,
        desk: &Desk,
        settings: &Settings,
        visitor: &Visitor,
        (pending, account): (&Pending, &Account),
        code: &Code,
    ) -> Result<Option<TextStep>, AuthError> {
        let now = visitor.now.secure;
        let attempt = match self.bench(settings, visitor).ask(pending).await? {
            Asked::Granted(attempt) => attempt,
            Asked::SlowDown(wait) => return Ok(Some(TextStep::SlowDown(wait))),
            Asked::Locked => return Ok(Some(TextStep::Locked)),
            Asked::Gone => return Ok(Some(TextStep::Gone)),
        };
        // Whoever has no mobile has a code that nobody knows: compared all the same.
        let number = self.number_of(desk, account.id).await?;
        let hash = number.map_or([0; 32], |number| {
            let at = (Holder::Pending(pending.token), TextPurpose::Recovery);
            mobiles::code_hash(&self.keys, account.id, at, &number, code)
        });
        if desk.store.spend_recovery_code(&pending.token, attempt.id, hash, now).await? {
            attempt.spent().await;
            return Ok(None);
        }
        let twin = desk.store.recovery_progress(&pending.token, now).await?.is_some_and(|progress| progress.texted);
        if twin || self.has_recovered(&pending.token, now).await? {
            attempt.void().await?;
            return Ok(None);
        }
        Ok(Some(wrong(attempt, account).await?))
    }

    async fn finish_by_text(
        &self,
        desk: &Desk,
        settings: &Settings,
        visitor: &Visitor,
        (pending, account): (&Pending, &Account),
        head: &Letterhead,
    ) -> Result<TextStep, AuthError> {
        let now = visitor.now.secure;
        // Asked again: an admin's role, or a reset, may have come after the text.
        let Some(number) = self.usable_number(desk, account, now).await? else { return Ok(TextStep::Gone) };
        let (link, _) = grant::new_link(LinkKind::Recovery, settings, now);
        let cookie = grant::seal(&self.keys, link.id, link.expires);
        let accepted = events::done(visitor, account, events::RECOVERY_ACCEPT).with("by", "text and mail").telling(tell(
            settings,
            visitor,
            account,
            Notice::RecoveryUsed,
        ));
        let ripe = now + settings.sms_recovery_delay;
        let waits = events::done(visitor, account, events::RECOVERY_WAIT)
            .with("until", ripe.to_string())
            .telling(tell(settings, visitor, account, Notice::RecoveryWaits).map(|notice| notice.waiting_until(ripe)));
        let recovery = TextRecovery {
            pending: pending.token,
            grant: link,
            expires: now + settings.pending_life,
            delay: settings.sms_recovery_delay,
            accepted,
            waits,
        };
        Ok(match desk.store.recover_by_text(recovery, now).await? {
            TextRecovered::Accepted => {
                events::count("recovered");
                TextStep::Accepted { grant: cookie }
            }
            TextRecovered::Missing => TextStep::OpenTheMail,
            TextRecovered::Waits { until, began } => {
                if began {
                    let words = text::recovery_waits(account.language.unwrap_or(visitor.language), head, until);
                    let (this, texts, now, id) = (self.clone(), desk.texts.clone(), visitor.now, account.id);
                    tokio::spawn(async move { texts::tell(this.counter(now), &texts, id, &number, &words).await });
                }
                TextStep::Waits(until)
            }
            TextRecovered::Repeated => TextStep::Repeated,
            TextRecovered::Gone => TextStep::Gone,
        })
    }

    /// Opens the link of a recovery mail, in whatever browser: the value of the ticket cookie, and how long it lives. Changes
    /// nothing. `None`: not alive; that counts as a failure of the client.
    pub async fn open_recovery_mail(
        &self,
        visitor: &Visitor,
        token: &str,
    ) -> Result<Option<(String, std::time::Duration)>, AuthError> {
        let now = visitor.now.secure;
        let found = match (self.desk(), Token::parse(token)) {
            (Some(desk), Some(token)) => desk.store.recovery_by_link(&token.hash(), now).await?,
            _ => None,
        };
        let Some(found) = found else {
            let settings = self.settings();
            self.store.note_failure(events::failed(visitor, None, events::LINK_REFUSE)).await?;
            self.bench(&settings, visitor).cost().await?;
            return Ok(None);
        };
        Ok(Some((tickets::seal(&self.keys, found.id), found.expires.since(now))))
    }

    /// Whose recovery the ticket cookie belongs to, while it is under way.
    pub async fn recovery_mail(&self, cookie: Option<&str>, now: Reading) -> Result<Option<Account>, AuthError> {
        let Some(found) = self.mailed_recovery(cookie, now).await? else { return Ok(None) };
        Ok(self.store.account(found.account).await?)
    }

    /// The button behind the mailed link. `false`: the recovery is over.
    pub async fn confirm_recovery_mail(&self, visitor: &Visitor, cookie: Option<&str>) -> Result<bool, AuthError> {
        let Some(found) = self.mailed_recovery(cookie, visitor.now).await? else { return Ok(false) };
        let (Some(desk), Some(account)) = (self.desk(), self.store.account(found.account).await?) else { return Ok(false) };
        let event = events::done(visitor, &account, events::RECOVERY_MAIL);
        let now = visitor.now.secure;
        uncut(async move { Ok(desk.store.confirm_mailed(found.id, now, event).await?) }).await
    }

    async fn mailed_recovery(&self, cookie: Option<&str>, now: Reading) -> Result<Option<MailedRecovery>, AuthError> {
        let Some(id) = cookie.and_then(|cookie| tickets::open(&self.keys, cookie)) else { return Ok(None) };
        let Some(desk) = self.desk() else { return Ok(None) };
        Ok(desk.store.recovery_by_mail(id, now.secure).await?)
    }
}

async fn wrong(attempt: Attempt<'_>, account: &Account) -> Result<TextStep, AuthError> {
    events::count("wrong_code");
    Ok(match attempt.wrong(account, events::RECOVERY_REFUSE).await? {
        AfterWrongCode::Left(left) => TextStep::Wrong { left },
        AfterWrongCode::Destroyed => TextStep::Gone,
        AfterWrongCode::Locked => {
            events::count("locked");
            TextStep::Locked
        }
    })
}
