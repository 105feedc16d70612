//! A new code inside a session.

use std::sync::Arc;

use vestibule::auth::authenticator::{ConfirmStep, Factors, NewCodes, NotProved, SignedIn, VerifyStep};

use super::room::{ANNA, Browser, PASSWORD, Room, password};

struct Session {
    room: Arc<Room>,
    browser: Browser,
    secret: Vec<u8>,
    signed_in: SignedIn,
    step: u64,
}

impl Session {
    async fn new() -> Self {
        let room = Arc::new(Room::new().await);
        let mut browser = Browser::new(1);
        let anna = room.person(&mut browser, ANNA).await;
        let signed_in = room.sign_in(&mut browser, ANNA, &anna.secret).await;
        let step = room.account(ANNA).await.mfa.unwrap().last_step;
        Self { room, browser, secret: anna.secret, signed_in, step }
    }

    async fn confirm(&self, code: &str) -> ConfirmStep {
        let visitor = self.room.visitor(&self.browser);
        let (session, account) = (self.signed_in.session, self.signed_in.account);
        self.room.auth.confirm(&visitor, session, account, self.step, code).await.unwrap()
    }
}

#[tokio::test]
async fn a_new_code_moves_the_window_and_the_cookie() {
    let session = Session::new().await;
    let used = session.room.code(&session.secret);
    assert!(matches!(session.confirm(&used).await, ConfirmStep::AlreadyUsed { wait: 1..=30 }));
    assert!(matches!(session.confirm("12345").await, ConfirmStep::Malformed));
    session.room.next_step();
    let step = session.confirm(&session.room.code(&session.secret)).await;
    let ConfirmStep::Confirmed { token, code_at } = step else { panic!("{step:?}") };
    assert_eq!(code_at, session.room.now().secure);
    assert_ne!(token.hash(), session.signed_in.token.hash());
    let log = session.room.whole.session_log();
    let (row, _) = log.session(session.signed_in.session, code_at).await.unwrap().unwrap();
    assert_eq!((row.token, row.code_at), (token.hash(), code_at));
    let previous = row.previous.unwrap();
    assert_eq!(previous.token, session.signed_in.token.hash());
    assert_eq!(previous.until.since(code_at).as_secs(), 30);
}

#[tokio::test]
async fn five_wrong_ones_end_the_session_and_lock_nobody() {
    let session = Session::new().await;
    session.room.next_step();
    let wrong = session.room.wrong_code(&session.secret);
    for left in (1..5).rev() {
        let step = session.confirm(&wrong).await;
        assert!(matches!(step, ConfirmStep::Wrong { left: l } if l == left), "{step:?}");
    }
    assert!(session.room.lives(session.signed_in.session).await);
    assert!(matches!(session.confirm(&wrong).await, ConfirmStep::Ended));
    assert!(!session.room.lives(session.signed_in.session).await);
    assert!(matches!(session.confirm(&session.room.code(&session.secret)).await, ConfirmStep::Ended));
    assert!(session.room.account(ANNA).await.locked_at.is_none());
}

#[tokio::test]
async fn a_right_one_starts_the_count_again() {
    let session = Session::new().await;
    for _ in 0..3 {
        session.room.next_step();
        let wrong = session.room.wrong_code(&session.secret);
        for _ in 0..4 {
            assert!(matches!(session.confirm(&wrong).await, ConfirmStep::Wrong { .. }));
        }
        assert!(matches!(session.confirm(&session.room.code(&session.secret)).await, ConfirmStep::Confirmed { .. }));
    }
}

#[tokio::test]
async fn one_code_does_not_both_confirm_and_sign_in() {
    let session = Session::new().await;
    let room = &session.room;
    room.next_step();
    let code = room.code(&session.secret);
    assert!(matches!(session.confirm(&code).await, ConfirmStep::Confirmed { .. }));
    let mut stranger = Browser::new(2);
    room.pass_door_one(&mut stranger, ANNA).await;
    assert!(matches!(room.verify(&stranger, &code).await, VerifyStep::Wrong { .. }));
    room.next_step();
    let code = room.code(&session.secret);
    assert!(matches!(room.verify(&stranger, &code).await, VerifyStep::SignedIn(_)));
    assert!(matches!(session.confirm(&code).await, ConfirmStep::Wrong { .. }));
}

/// What these many posts of one code at once lead to.
async fn at_once(session: &Arc<Session>, code: &str, posts: usize) -> Vec<ConfirmStep> {
    let tasks = (0..posts).map(|_| {
        let (session, code) = (session.clone(), code.to_owned());
        tokio::spawn(async move { session.confirm(&code).await })
    });
    let mut steps = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        steps.push(task.await.unwrap());
    }
    steps
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_wrong_ones_at_once_five_are_compared() {
    let session = Arc::new(Session::new().await);
    session.room.next_step();
    let steps = at_once(&session, &session.room.wrong_code(&session.secret), 50).await;
    let mut left: Vec<u32> =
        steps.iter().filter_map(|step| if let ConfirmStep::Wrong { left } = step { Some(*left) } else { None }).collect();
    left.sort_unstable();
    assert_eq!(left, [1, 2, 3, 4], "and the fifth has ended it");
    assert_eq!(steps.iter().filter(|step| matches!(step, ConfirmStep::Ended)).count(), 46, "{steps:?}");
    assert!(!session.room.lives(session.signed_in.session).await);
    let failures = session.room.number("SELECT sum(count) FROM failures WHERE action = 'code.refuse'").await;
    assert_eq!(failures, 5, "no more was looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_right_ones_at_once_one_confirms_and_the_session_lives() {
    let session = Arc::new(Session::new().await);
    session.room.next_step();
    let steps = at_once(&session, &session.room.code(&session.secret), 50).await;
    let confirmed: Vec<_> = steps
        .iter()
        .filter_map(|step| if let ConfirmStep::Confirmed { token, .. } = step { Some(token) } else { None })
        .collect();
    assert_eq!(confirmed.len(), 1);
    assert_eq!(steps.iter().filter(|step| matches!(step, ConfirmStep::Repeated)).count(), 49, "{steps:?}");
    let now = session.room.now().secure;
    let (row, _) = session.room.whole.session_log().session(session.signed_in.session, now).await.unwrap().unwrap();
    assert_eq!(row.token, confirmed[0].hash());
    assert_eq!(session.room.number("SELECT count(*) FROM audit WHERE action = 'session.confirm'").await, 1);
    let step = session.confirm(&session.room.wrong_code(&session.secret)).await;
    assert!(matches!(step, ConfirmStep::Wrong { left: 4 }), "none of them was counted: {step:?}");
}

/// Other acts of the same session hold all attempts for as long as a password takes.
#[tokio::test]
async fn a_confirm_that_finds_no_attempt_left_ends_nothing() {
    let session = Session::new().await;
    session.room.next_step();
    session.room.change("UPDATE sessions SET attempts = 5").await;
    let code = session.room.code(&session.secret);
    let step = session.confirm(&code).await;
    assert!(matches!(step, ConfirmStep::Crowded), "{step:?}");
    session.room.change("UPDATE sessions SET attempts = 4").await;
    assert!(matches!(session.confirm(&code).await, ConfirmStep::Confirmed { .. }));
}

#[tokio::test]
async fn strangers_behind_the_same_address_slow_no_session() {
    let session = Session::new().await;
    let mut stranger = Browser::new(1);
    for number in 0..80 {
        let _ = session.room.log_in(&mut stranger, &format!("nobody{number}@example.com"), "wrong").await;
    }
    session.room.next_step();
    assert!(matches!(session.confirm(&session.room.code(&session.secret)).await, ConfirmStep::Confirmed { .. }));
}

/// The same for an act that asks for both factors: a press of its button that is repeated takes no tries.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_right_proofs_at_once_one_does_it_and_none_is_counted() {
    let session = Arc::new(Session::new().await);
    session.room.next_step();
    let code = session.room.code(&session.secret);
    let tasks = (0..20).map(|_| {
        let (session, code) = (session.clone(), code.clone());
        tokio::spawn(async move {
            let visitor = session.room.visitor(&session.browser);
            let (id, account) = (session.signed_in.session, session.signed_in.account);
            session.room.auth.renew_codes(&visitor, id, account, Factors { password: password(PASSWORD), code }).await.unwrap()
        })
    });
    let (mut made, mut others) = (0, Vec::new());
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            NewCodes::Made(..) => made += 1,
            NewCodes::NotProved(why) => others.push(why),
        }
    }
    assert_eq!(made, 1);
    assert!(others.iter().all(|why| matches!(why, NotProved::AlreadyUsed { .. } | NotProved::Crowded)), "{others:?}");
    assert_eq!(session.room.number("SELECT attempts FROM sessions").await, 0, "nothing was wrong");
    let step = session.confirm(&session.room.wrong_code(&session.secret)).await;
    assert!(matches!(step, ConfirmStep::Wrong { left: 4 }), "{step:?}");
}
