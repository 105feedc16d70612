//! Durable rates.

use std::time::Duration;

use futures_util::future::join_all;
use vestibule::auth::credentials::{Charge, Charged};

use super::bench::{Bench, DAY, MINUTE, T0};

const SECOND: Duration = Duration::from_secs(1);

fn charge(key: u8, burst: u32) -> Charge {
    Charge { key: [key; 32], interval: MINUTE, burst }
}

pub async fn a_bucket_holds_its_burst_and_refills_one_by_one(b: Bench) {
    let charges = [charge(1, 3)];
    for _ in 0..3 {
        assert_eq!(b.port().charge(&charges, T0).await.unwrap(), Charged::Taken);
    }
    for at in [T0, T0 + 59 * SECOND] {
        assert_eq!(b.port().charge(&charges, at).await.unwrap(), Charged::Until(T0 + MINUTE));
    }
    assert_eq!(b.port().charge(&charges, T0 + MINUTE).await.unwrap(), Charged::Taken);
    assert_eq!(b.port().charge(&charges, T0 + MINUTE).await.unwrap(), Charged::Until(T0 + 2 * MINUTE));
    // Refilled means the burst, however long nobody came.
    for _ in 0..3 {
        assert_eq!(b.port().charge(&charges, T0 + DAY).await.unwrap(), Charged::Taken);
    }
    assert_eq!(b.port().charge(&charges, T0 + DAY).await.unwrap(), Charged::Until(T0 + DAY + MINUTE));
    assert_eq!(b.port().charge(&[charge(2, 0)], T0).await.unwrap(), Charged::Until(T0 + MINUTE));
    assert_eq!(b.port().charge(&[], T0).await.unwrap(), Charged::Taken);
}

pub async fn all_buckets_are_charged_or_none(b: Bench) {
    let (wide, narrow) = (charge(1, 2), charge(2, 1));
    let both = [wide.clone(), narrow.clone()];
    assert_eq!(b.port().charge(&both, T0).await.unwrap(), Charged::Taken);
    assert_eq!(b.port().charge(&both, T0).await.unwrap(), Charged::Until(T0 + MINUTE));
    assert_eq!(
        b.port().charge(std::slice::from_ref(&wide), T0).await.unwrap(),
        Charged::Taken,
        "it was not charged when the other was full"
    );
    assert_eq!(b.port().charge(std::slice::from_ref(&wide), T0).await.unwrap(), Charged::Until(T0 + MINUTE));
    // The later of the two, and a key named twice counts twice.
    let long = Charge { interval: DAY, ..narrow };
    let _ = b.port().charge(&[Charge { key: [3; 32], ..long.clone() }], T0).await.unwrap();
    let answer = b.port().charge(&[wide, Charge { key: [3; 32], ..long }], T0).await.unwrap();
    assert_eq!(answer, Charged::Until(T0 + DAY));
    assert_eq!(b.port().charge(&[charge(4, 1), charge(4, 1)], T0).await.unwrap(), Charged::Until(T0 + MINUTE));
}

pub async fn a_refund_gives_back_one(b: Bench) {
    let charges = [charge(1, 1), charge(2, 1)];
    assert_eq!(b.port().charge(&charges, T0).await.unwrap(), Charged::Taken);
    b.port().refund(&charges, T0).await.unwrap();
    assert_eq!(b.port().charge(&charges, T0).await.unwrap(), Charged::Taken);
    assert_eq!(b.port().charge(&charges, T0).await.unwrap(), Charged::Until(T0 + MINUTE));
    // Refunds never give more than the burst.
    for _ in 0..5 {
        b.port().refund(&charges, T0).await.unwrap();
    }
    assert_eq!(b.port().charge(&charges, T0).await.unwrap(), Charged::Taken);
    assert_eq!(b.port().charge(&charges, T0).await.unwrap(), Charged::Until(T0 + MINUTE));
    b.port().refund(&[charge(9, 1)], T0).await.unwrap();
}

pub async fn two_hundred_parallel_charges_take_exactly_the_burst(b: Bench) {
    let port = b.port();
    let answers = join_all((0..200).map(|_| {
        let port = port.clone();
        tokio::spawn(async move { port.charge(&[charge(1, 60), charge(2, 100)], T0).await })
    }))
    .await;
    let answers: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
    assert_eq!(answers.iter().filter(|answer| **answer == Charged::Taken).count(), 60);
    assert!(answers.iter().all(|answer| [Charged::Taken, Charged::Until(T0 + MINUTE)].contains(answer)));
}

pub async fn charges_survive_a_crash(b: Bench) {
    assert_eq!(b.port().charge(&[charge(1, 1)], T0).await.unwrap(), Charged::Taken);
    let b = b.reopen().await;
    assert_eq!(b.port().charge(&[charge(1, 1)], T0).await.unwrap(), Charged::Until(T0 + MINUTE));
}
