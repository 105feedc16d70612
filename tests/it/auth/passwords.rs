//! Page one: what it tells strangers (nothing), how it slows them, and whom it does not slow.

use std::sync::Arc;
use std::time::Duration;

use vestibule::auth::authenticator::{PasswordStep, RegisterStep};
use vestibule::auth::budget::Rate;
use vestibule::auth::credentials::{LinkKind, Stage};

use super::room::{ANNA, Browser, PASSWORD, Room, WRONG};

fn unlimited() -> Rate {
    Rate::new(100_000, Duration::from_millis(1))
}

#[tokio::test]
async fn unknown_disabled_without_password_and_wrong_are_all_the_same() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.invite("invited@example.com").await;
    let mut stranger = Browser::new(2);
    let long = "x".repeat(5000);
    for (login, secret) in [
        (ANNA, WRONG),
        (ANNA, ""),
        (ANNA, &long),
        (ANNA, "Tangerine-Lamp-42x\0"),
        ("nobody@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
        ("no login id", PASSWORD),
        (&long, PASSWORD),
    ] {
        room.pass(Duration::from_mins(1));
        let step = room.log_in(&mut stranger, login, secret).await;
        assert!(matches!(step, PasswordStep::Refused), "{login} {secret}: {step:?}");
    }
    assert!(room.desk().disable(anna.id).await.unwrap());
    assert!(matches!(room.log_in(&mut stranger, ANNA, PASSWORD).await, PasswordStep::Refused));
}

#[tokio::test]
async fn one_password_however_it_is_typed() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let hash = vestibule::auth::hashing::hash("Zürich See 42!").unwrap();
    room.import(ANNA, &hash).await;
    for typed in ["Zürich See 42!", "Zu\u{308}rich See 42!", "Zürich\u{a0}See\u{2009}42!"] {
        assert!(matches!(room.log_in(&mut browser, ANNA, typed).await, PasswordStep::NeedsGrant), "{typed}");
    }
}

#[tokio::test]
async fn guesses_slow_down_alike_for_accounts_that_exist_and_that_do_not() {
    let room = Room::new().await;
    room.person(&mut Browser::new(9), ANNA).await;
    for login in [ANNA, "nobody@example.com", "no login id"] {
        let mut stranger = Browser::new(10);
        for attempt in 0..5 {
            assert!(matches!(room.log_in(&mut stranger, login, WRONG).await, PasswordStep::Refused), "{login} {attempt}");
        }
        let step = room.log_in(&mut stranger, login, WRONG).await;
        let PasswordStep::SlowDown(wait) = step else { panic!("{login}: {step:?}") };
        assert_eq!(wait, Duration::from_secs(30), "{login}");
        room.pass(wait);
        assert!(matches!(room.log_in(&mut stranger, login, WRONG).await, PasswordStep::Refused), "{login} after the wait");
    }
}

#[tokio::test]
async fn strangers_slow_strangers_but_no_known_browser() {
    let room = Room::new().await;
    let mut known = Browser::new(1);
    let anna = room.person(&mut known, ANNA).await;
    room.sign_in(&mut known, ANNA, &anna.secret).await;
    // From her own address too, and from everywhere: as many as the account has.
    for number in [1, 1, 1, 1, 1].into_iter().chain(100..125) {
        let _ = room.log_in(&mut Browser::new(number), ANNA, WRONG).await;
    }
    let mut stranger = Browser::new(200);
    let step = room.log_in(&mut stranger, ANNA, PASSWORD).await;
    let PasswordStep::SlowDown(wait) = step else { panic!("{step:?}") };
    assert!(wait <= Duration::from_secs(10), "bounded: {wait:?}");
    assert_eq!(room.pass_door_one(&mut known, ANNA).await, Stage::Verify);
    room.pass(wait);
    assert_eq!(room.pass_door_one(&mut stranger, ANNA).await, Stage::Verify, "nobody is locked by a login id");
}

/// Tries a wrong password every two seconds for twenty minutes, from these addresses in turn, and says how many were compared.
async fn keep_trying(room: &Room, addresses: &[&str]) -> usize {
    let mut compared = 0;
    for turn in 0..600 {
        let mut stranger = Browser::new(0);
        stranger.client = addresses[turn % addresses.len()].parse().unwrap();
        compared += usize::from(matches!(room.log_in(&mut stranger, ANNA, WRONG).await, PasswordStep::Refused));
        room.pass(Duration::from_secs(2));
    }
    compared
}

#[tokio::test]
async fn one_client_that_never_stops_keeps_no_new_browser_out() {
    let room = Room::new().await;
    room.person(&mut Browser::new(1), ANNA).await;
    let compared = keep_trying(&room, &["192.0.2.66"]).await;
    assert!((40..50).contains(&compared), "five, then one in thirty seconds: {compared}");
    assert_eq!(room.pass_door_one(&mut Browser::new(2), ANNA).await, Stage::Verify);
    // Nor does one that has a whole /48 to come from.
    let site: Vec<String> = (0..64).map(|net| format!("2001:db8:7:{net:x}::1")).collect();
    let site: Vec<&str> = site.iter().map(String::as_str).collect();
    let compared = keep_trying(&room, &site).await;
    assert!((80..100).contains(&compared), "ten, then one in fifteen seconds: {compared}");
    assert_eq!(room.pass_door_one(&mut Browser::new(2), ANNA).await, Stage::Verify);
}

#[tokio::test]
async fn who_holds_the_link_of_the_account_is_slowed_by_nobody_else() {
    let room = Room::new().await;
    let token = room.invite(ANNA).await;
    let mut anna = Browser::new(1);
    assert!(room.open(&mut anna, &token, LinkKind::Invitation).await);
    assert!(matches!(room.register(&anna, PASSWORD).await, RegisterStep::Registered));
    // Her own address among them.
    for number in [1, 1, 1, 1, 1].into_iter().chain(100..130) {
        let _ = room.log_in(&mut Browser::new(number), ANNA, WRONG).await;
    }
    let step = room.log_in(&mut Browser::new(200), ANNA, PASSWORD).await;
    assert!(matches!(step, PasswordStep::SlowDown(_)), "{step:?}");
    assert_eq!(room.pass_door_one(&mut anna, ANNA).await, Stage::Setup);
    // It has a rate of its own, and is good for this account alone.
    for _ in 0..10 {
        assert!(matches!(room.log_in(&mut anna, ANNA, WRONG).await, PasswordStep::Refused));
    }
    assert!(matches!(room.log_in(&mut anna, ANNA, WRONG).await, PasswordStep::SlowDown(_)));
    let bert = room.invite("bert@example.com").await;
    let mut bert_s = Browser::new(300);
    assert!(room.open(&mut bert_s, &bert, LinkKind::Invitation).await);
    let step = room.log_in(&mut bert_s, ANNA, PASSWORD).await;
    assert!(matches!(step, PasswordStep::SlowDown(_)), "{step:?}");
}

#[tokio::test]
async fn failures_of_a_whole_slash_48_are_limited_together() {
    let room = Room::with(|settings| settings.rates.client = Rate::new(2, Duration::from_hours(1))).await;
    let mut compared = 0;
    for net in 0..30 {
        let mut stranger = Browser::new(0);
        stranger.client = format!("2001:db8:7:{net:x}::1").parse().unwrap();
        let step = room.log_in(&mut stranger, &format!("nobody{net}@example.com"), WRONG).await;
        compared += usize::from(matches!(step, PasswordStep::Refused));
    }
    assert_eq!(compared, 16, "eight times what one client has");
}

#[tokio::test]
async fn right_passwords_cost_nothing() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    room.person(&mut browser, ANNA).await;
    for _ in 0..12 {
        assert_eq!(room.pass_door_one(&mut Browser::new(1), ANNA).await, Stage::Verify);
    }
}

#[tokio::test]
async fn a_device_of_one_account_is_no_known_browser_of_another() {
    let room = Room::new().await;
    let mut eve = Browser::new(1);
    let person = room.person(&mut eve, "eve@example.com").await;
    room.sign_in(&mut eve, "eve@example.com", &person.secret).await;
    room.person(&mut Browser::new(2), ANNA).await;
    for _ in 0..5 {
        assert!(matches!(room.log_in(&mut eve, ANNA, WRONG).await, PasswordStep::Refused));
    }
    assert!(matches!(room.log_in(&mut eve, ANNA, WRONG).await, PasswordStep::SlowDown(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_in_parallel_are_counted_two_hundred_times() {
    let room = Arc::new(
        Room::with(|settings| {
            settings.rates.client = unlimited();
            settings.rates.pair = unlimited();
            settings.rates.account = Rate::new(200, Duration::from_hours(1));
        })
        .await,
    );
    room.person(&mut Browser::new(1), ANNA).await;
    let tasks = (0..220).map(|_| {
        let room = room.clone();
        tokio::spawn(async move { room.log_in(&mut Browser::new(2), ANNA, WRONG).await })
    });
    let (mut refused, mut slowed) = (0, 0);
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            PasswordStep::Refused => refused += 1,
            PasswordStep::SlowDown(_) => slowed += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((refused, slowed), (200, 20));
}

#[tokio::test]
async fn an_imported_hash_is_replaced_at_the_first_right_password() {
    let room = Room::new().await;
    let old = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    room.import(ANNA, old).await;
    let mut browser = Browser::new(1);
    assert!(matches!(room.log_in(&mut browser, ANNA, "U*V").await, PasswordStep::Refused));
    assert_eq!(room.account(ANNA).await.password.as_deref(), Some(old));
    assert!(matches!(room.log_in(&mut browser, ANNA, "U*U").await, PasswordStep::NeedsGrant));
    assert!(room.account(ANNA).await.password.unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(matches!(room.log_in(&mut browser, ANNA, "U*U").await, PasswordStep::NeedsGrant));
}

#[tokio::test]
async fn an_exempt_client_is_limited_by_account_only() {
    let room = Room::with(|settings| settings.exempt = vec!["198.51.100.0/24".parse().unwrap()]).await;
    let mut office = Browser::new(1);
    for attempt in 0..30 {
        assert!(matches!(room.log_in(&mut office, ANNA, WRONG).await, PasswordStep::Refused), "{attempt}");
    }
    assert!(matches!(room.log_in(&mut office, ANNA, WRONG).await, PasswordStep::SlowDown(_)));
    assert!(matches!(room.log_in(&mut office, "bert@example.com", WRONG).await, PasswordStep::Refused));
    let mut elsewhere = Browser::new(1000);
    assert!(matches!(room.log_in(&mut elsewhere, ANNA, WRONG).await, PasswordStep::Refused), "nobody else pays for the office");
}
