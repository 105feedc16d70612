//! Parked requests: kept within their share, shown to their owner, handed out once.

use std::time::Duration;

use futures_util::future::join_all;
use uuid::Uuid;
use vestibule::auth::credentials::{DeviceId, SignIn, Spent};
use vestibule::clock::Timestamp;
use vestibule::park::lot::{Bounds, Claimed, Kept, Lot, NewParked, Row, State, Whose};
use vestibule::ports::TokenHash;

use super::bench::{Bench, DAY, HOUR, MINUTE, Person, T0, event, new_id};

const ROOMY: Bounds = Bounds { per_account: 10, bytes: 1000 };
const PLACE: [u8; 32] = [1; 32];
const END: Duration = Duration::from_mins(10);

/// Somebody inside, with what waits for them.
struct Stage {
    b: Bench,
    anna: Person,
    session: Uuid,
}

async fn stage(b: Bench) -> Stage {
    let anna = b.enrolled("anna@example.com").await;
    let (session, _) = b.signed_in(&anna, 2).await;
    Stage { b, anna, session }
}

impl Stage {
    fn lot(&self) -> std::sync::Arc<dyn Lot> {
        self.b.store.lot()
    }

    fn form(&self) -> NewParked {
        NewParked {
            id: new_id(),
            account: self.anna.id,
            session: self.session,
            known: None,
            fresh: self.b.hash(),
            portal: "portal".to_owned(),
            place: PLACE,
            head: b"head".to_vec(),
            body: b"body".to_vec(),
            size: 4,
            created: T0,
            expires: T0 + END,
        }
    }

    async fn keep(&self, new: NewParked, bounds: Bounds) -> Kept {
        self.lot().keep(new, bounds, event("request.park")).await.unwrap()
    }

    /// One that waits: its id and its park cookie.
    async fn kept(&self) -> (Uuid, TokenHash) {
        let (id, new) = (new_id(), self.form());
        let Kept::Under(cookie) = self.keep(NewParked { id, ..new }, ROOMY).await else { panic!("there is room") };
        (id, cookie)
    }

    fn whose(&self) -> Whose {
        Whose { account: self.anna.id, session: self.session, browser: None, portal: "portal".to_owned() }
    }

    async fn list(&self, whose: &Whose) -> Vec<Row> {
        self.lot().list(whose, T0).await.unwrap()
    }

    async fn state(&self, id: Uuid) -> Option<State> {
        self.list(&self.whose()).await.into_iter().find(|row| row.id == id).map(|row| row.state)
    }

    async fn ticket(&self, id: Uuid) -> Option<TokenHash> {
        let ticket = self.b.hash();
        let head = self.lot().ticket(&self.whose(), id, &ticket, T0 + MINUTE, T0).await.unwrap()?;
        assert_eq!(head, b"head");
        Some(ticket)
    }

    async fn claim(&self, whose: &Whose, ticket: &TokenHash, place: [u8; 32], now: Timestamp) -> Option<Claimed> {
        self.lot().claim(whose, ticket, &place, now, event("request.send")).await.unwrap()
    }

    async fn claims(&self, ticket: &TokenHash) -> bool {
        self.claim(&self.whose(), ticket, PLACE, T0).await.is_some()
    }

    async fn discards(&self, whose: &Whose, id: Uuid) -> bool {
        self.lot().discard(whose, id, T0, event("request.discard")).await.unwrap()
    }
}

pub async fn it_is_listed_for_its_session_or_browser_alone(b: Bench) {
    let stage = stage(b).await;
    let (id, cookie) = stage.kept().await;
    let row = stage.list(&stage.whose()).await.remove(0);
    assert_eq!((row.id, row.head.as_slice(), row.size, row.state), (id, &b"head"[..], 4, State::Waiting));
    assert_eq!((row.created, row.expires), (T0, T0 + END));
    let (other, _) = stage.b.signed_in(&stage.anna, 3).await;
    let elsewhere = Whose { session: other, ..stage.whose() };
    assert!(stage.list(&elsewhere).await.is_empty(), "another session of hers");
    assert_eq!(stage.list(&Whose { browser: Some(cookie), ..elsewhere }).await.len(), 1, "the browser that left it");
    let bert = stage.b.enrolled("bert@example.com").await;
    for stranger in [
        Whose { account: bert.id, browser: Some(cookie), ..stage.whose() },
        Whose { portal: "other".to_owned(), browser: Some(cookie), ..stage.whose() },
    ] {
        assert!(stage.list(&stranger).await.is_empty(), "{stranger:?}");
        let ticket = stage.b.hash();
        assert!(stage.lot().ticket(&stranger, id, &ticket, T0 + MINUTE, T0).await.unwrap().is_none());
        assert!(!stage.discards(&stranger, id).await);
    }
    assert!(stage.lot().list(&stage.whose(), T0 + END).await.unwrap().is_empty(), "its time is over");
    assert_eq!(stage.b.recorded("request.park").await, 1);
}

pub async fn a_browser_keeps_its_cookie_as_long_as_that_leads_somewhere(b: Bench) {
    let stage = stage(b).await;
    let (first, cookie) = stage.kept().await;
    let known = |known| NewParked { known: Some(known), ..stage.form() };
    assert_eq!(stage.keep(known(cookie), ROOMY).await, Kept::Under(cookie));
    let unknown = known(stage.b.hash());
    let fresh = unknown.fresh;
    assert_eq!(stage.keep(unknown, ROOMY).await, Kept::Under(fresh), "one that leads nowhere is not taken up");
    // A ticket is the cookie from then on, for all that the browser left, and is no name for anything new.
    let ticket = stage.ticket(first).await.unwrap();
    let after = known(ticket);
    let fresh = after.fresh;
    assert_eq!(stage.keep(after, ROOMY).await, Kept::Under(fresh));
    let elsewhere = Whose { session: new_id(), browser: Some(ticket), ..stage.whose() };
    assert_eq!(stage.list(&elsewhere).await.len(), 3, "those that were there when it was given");
}

pub async fn the_wait_that_is_told_is_that_for_a_place(b: Bench) {
    let stage = stage(b).await;
    let one = Bounds { per_account: 1, bytes: 1 << 20 };
    let until = |span: Duration| NewParked { expires: T0 + span, ..stage.form() };
    let discard = async |new: NewParked| {
        let id = new.id;
        assert!(matches!(stage.keep(new, one).await, Kept::Under(_)));
        assert!(stage.discards(&stage.whose(), id).await);
    };
    discard(until(MINUTE)).await;
    assert!(matches!(stage.keep(until(END), one).await, Kept::Under(_)));
    assert_eq!(stage.keep(until(HOUR), one).await, Kept::Share(T0 + END), "what is over and goes sooner takes no place");
    for _ in 0..18 {
        let roomy = Bounds { per_account: 100, ..one };
        assert!(matches!(stage.keep(until(HOUR), roomy).await, Kept::Under(_)));
    }
    let roomy = Bounds { per_account: 100, ..one };
    assert_eq!(stage.keep(until(HOUR), roomy).await, Kept::Share(T0 + MINUTE), "but a line of the list");
    assert_eq!(stage.keep(until(HOUR), one).await, Kept::Share(T0 + END), "and whoever needs both waits for both");
}

pub async fn nobody_takes_more_than_their_share_and_all_have_a_bound(b: Bench) {
    let stage = stage(b).await;
    // Head and body count, as they are stored.
    let two = Bounds { per_account: 2, bytes: 24 };
    let (id, _) = stage.kept().await;
    assert_eq!(stage.keep(NewParked { body: vec![0; 20], ..stage.form() }, two).await, Kept::Full);
    assert!(matches!(stage.keep(NewParked { expires: T0 + HOUR, ..stage.form() }, two).await, Kept::Under(_)));
    assert_eq!(stage.keep(stage.form(), two).await, Kept::Share(T0 + END), "until the first ends");
    assert_eq!(stage.b.recorded("request.park").await, 2, "what was not kept is not recorded");
    // On its way it still takes its room; answered it does not.
    let ticket = stage.ticket(id).await.unwrap();
    assert!(stage.claims(&ticket).await);
    assert_eq!(stage.keep(stage.form(), two).await, Kept::Share(T0 + END));
    stage.lot().answered(id, 200).await.unwrap();
    assert!(matches!(stage.keep(stage.form(), two).await, Kept::Under(_)));
}

pub async fn fifty_at_once_keep_within_the_share(b: Bench) {
    let stage = stage(b).await;
    let two = Bounds { per_account: 2, bytes: 1000 };
    let all = join_all((0..50).map(|_| stage.keep(stage.form(), two))).await;
    assert_eq!(all.iter().filter(|kept| matches!(kept, Kept::Under(_))).count(), 2);
    assert_eq!(stage.list(&stage.whose()).await.len(), 2);
}

pub async fn a_ticket_is_good_for_one_claim_in_its_place_and_time(b: Bench) {
    let stage = stage(b).await;
    let (id, _) = stage.kept().await;
    let dead = stage.ticket(id).await.unwrap();
    let ticket = stage.ticket(id).await.unwrap();
    assert!(!stage.claims(&dead).await, "a newer one was given");
    let (other, _) = stage.b.signed_in(&stage.anna, 3).await;
    let elsewhere = Whose { session: other, ..stage.whose() };
    assert!(stage.claim(&elsewhere, &ticket, PLACE, T0).await.is_none(), "another session");
    assert!(stage.claim(&stage.whose(), &ticket, [2; 32], T0).await.is_none(), "another place");
    assert!(stage.claim(&stage.whose(), &ticket, PLACE, T0 + MINUTE).await.is_none(), "too late");
    assert!(stage.claim(&stage.whose(), &stage.b.hash(), PLACE, T0).await.is_none(), "no ticket at all");
    assert_eq!((stage.state(id).await, stage.b.recorded("request.send").await), (Some(State::Waiting), 0));
    let claimed = stage.claim(&stage.whose(), &ticket, PLACE, T0).await.unwrap();
    assert_eq!((claimed.id, claimed.head.as_slice(), claimed.body.as_slice()), (id, &b"head"[..], &b"body"[..]));
    assert!(!stage.claims(&ticket).await && stage.ticket(id).await.is_none(), "to one caller, ever");
    assert_eq!((stage.state(id).await, stage.b.recorded("request.send").await), (Some(State::Sent(T0)), 1));
}

pub async fn fifty_parallel_claims_with_one_ticket(b: Bench) {
    let stage = stage(b).await;
    let (id, _) = stage.kept().await;
    let ticket = stage.ticket(id).await.unwrap();
    let all = join_all((0..50).map(|_| stage.claims(&ticket))).await;
    assert_eq!(all.into_iter().filter(|claimed| *claimed).count(), 1);
    assert_eq!(stage.b.recorded("request.send").await, 1);
}

pub async fn claiming_and_discarding_at_once_do_one_of_both(b: Bench) {
    let stage = stage(b).await;
    for _ in 0..10 {
        let (id, _) = stage.kept().await;
        let ticket = stage.ticket(id).await.unwrap();
        let whose = stage.whose();
        let (claimed, discarded) = tokio::join!(stage.claims(&ticket), stage.discards(&whose, id));
        assert!(claimed != discarded, "claimed {claimed}, discarded {discarded}");
        stage.lot().answered(id, 200).await.unwrap();
    }
}

pub async fn what_was_not_sent_waits_and_what_was_answered_is_over(b: Bench) {
    let stage = stage(b).await;
    let (id, _) = stage.kept().await;
    let ticket = stage.ticket(id).await.unwrap();
    stage.lot().answered(id, 500).await.unwrap();
    stage.lot().unsent(id).await.unwrap();
    assert!(stage.claims(&ticket).await, "what is not under way is neither answered nor unsent");
    stage.lot().unsent(id).await.unwrap();
    assert_eq!(stage.state(id).await, Some(State::Waiting));
    assert!(!stage.claims(&ticket).await, "a spent ticket stays spent");
    let again = stage.ticket(id).await.unwrap();
    assert!(stage.claims(&again).await);
    stage.lot().answered(id, 404).await.unwrap();
    stage.lot().unsent(id).await.unwrap();
    assert_eq!(stage.state(id).await, Some(State::Answered(T0, 404)));
    assert!(stage.ticket(id).await.is_none() && !stage.discards(&stage.whose(), id).await);
}

pub async fn what_is_discarded_is_over(b: Bench) {
    let stage = stage(b).await;
    let (id, _) = stage.kept().await;
    let ticket = stage.ticket(id).await.unwrap();
    assert!(stage.discards(&stage.whose(), id).await);
    assert!(!stage.discards(&stage.whose(), id).await && !stage.claims(&ticket).await && stage.ticket(id).await.is_none());
    assert_eq!((stage.state(id).await, stage.b.recorded("request.discard").await), (Some(State::Discarded(T0)), 1));
}

pub async fn a_new_session_adopts_what_its_browser_left(b: Bench) {
    let stage = stage(b).await;
    let (id, cookie) = stage.kept().await;
    stage.kept().await;
    let (new, _) = stage.b.signed_in(&stage.anna, 3).await;
    let whose = |session, browser| Whose { session, browser, ..stage.whose() };
    assert_eq!(stage.lot().adopt(&whose(new, Some(stage.b.hash())), T0).await.unwrap(), 0, "another browser");
    assert_eq!(stage.lot().adopt(&whose(new_id(), Some(cookie)), T0).await.unwrap(), 1, "nothing moves to where nobody is");
    assert_eq!(stage.list(&stage.whose()).await.len(), 2);
    assert_eq!(stage.lot().adopt(&whose(new, Some(cookie)), T0).await.unwrap(), 1);
    let theirs = stage.list(&whose(new, None)).await;
    assert_eq!(theirs.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    assert_eq!(stage.list(&stage.whose()).await.len(), 1);
}

pub async fn revocation_leaves_nothing_to_send(b: Bench) {
    let stage = stage(b).await;
    let (id, _) = stage.kept().await;
    let ticket = stage.ticket(id).await.unwrap();
    for disabled in [true, false] {
        let (desk, anna) = (stage.b.desk(), stage.anna.id);
        assert!(if disabled { desk.disable(anna).await } else { desk.enable(anna).await }.unwrap());
        assert!(!stage.claims(&ticket).await, "disabled: {disabled}");
        assert!(stage.list(&stage.whose()).await.is_empty() && stage.ticket(id).await.is_none());
        assert_eq!(stage.keep(stage.form(), ROOMY).await, Kept::Gone, "nor is there a session to keep it for");
    }
    let (session, _) = stage.b.signed_in(&stage.anna, 3).await;
    let stage = Stage { session, ..stage };
    let (id, _) = stage.kept().await;
    let ticket = stage.ticket(id).await.unwrap();
    assert_eq!(stage.b.end_all().await, 1);
    assert!(!stage.claims(&ticket).await && stage.state(id).await.is_none());
}

pub async fn a_session_that_lapsed_has_an_owner_and_one_that_was_ended_has_none(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (pending, device, known) = (b.at_verify(&anna, None).await, DeviceId(new_id()), b.hash());
    let sign_in = SignIn { device: Some((device, known)), ..b.sign_in(pending, b.reserve(&pending).await, 2) };
    let (session, token, end) = (sign_in.session.id, sign_in.session.token, sign_in.session.expires);
    assert_eq!(b.port().sign_in(sign_in, T0, event("session.start")).await.unwrap(), Spent::Done);
    let lot = b.store.lot();
    let find = async |token: Option<&TokenHash>, device: Option<&TokenHash>, portal: &str, since: Timestamp, now: Timestamp| {
        lot.lapsed(token, device, portal, since, now).await.unwrap()
    };
    for (token, device) in [(Some(&token), None), (None, Some(&known))] {
        let owner = find(token, device, "portal", end - MINUTE, end + MINUTE).await.unwrap();
        assert_eq!((owner.account, &owner.login, owner.session), (anna.id, &anna.login, session));
        assert!(find(token, device, "portal", end - MINUTE, end - MINUTE).await.is_none(), "it lives");
        assert!(find(token, device, "portal", end, end + MINUTE).await.is_none(), "too long ago");
        assert!(find(token, device, "other", end - MINUTE, end + MINUTE).await.is_none());
    }
    let nobody = b.hash();
    assert!(find(Some(&nobody), Some(&nobody), "portal", T0, end + DAY).await.is_none());
    b.end_all().await;
    assert!(find(Some(&token), Some(&known), "portal", end - MINUTE, end + MINUTE).await.is_none(), "signed out");
}

pub async fn what_was_claimed_is_claimed_after_a_crash(b: Bench) {
    let stage = stage(b).await;
    let ((first, _), (second, _)) = (stage.kept().await, stage.kept().await);
    let (spent, good) = (stage.ticket(first).await.unwrap(), stage.ticket(second).await.unwrap());
    assert!(stage.claims(&spent).await);
    let Stage { b, anna, session } = stage;
    let stage = Stage { b: b.reopen().await, anna, session };
    assert!(!stage.claims(&spent).await && stage.state(first).await == Some(State::Sent(T0)));
    assert!(stage.claims(&good).await);
}
