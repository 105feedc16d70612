//! What the check costs, as far as that can be counted: allocations. (Time is measured in `benches/check.rs`.)

use vestibule::gateway::check::Admission;

use crate::harness::crowd::Crowd;

/// The counter is this thread's alone, and counts what is allocated between the first gate and the permit.
#[test]
fn whoever_is_let_through_costs_no_allocation() {
    let dir = tempfile::tempdir().unwrap();
    let crowd = Crowd::new(dir.path(), 1000);
    let door = crowd.door();
    for (number, head) in crowd.requests.iter().enumerate() {
        // hyper cuts values out of one buffer that is shared; here each begins to be with its first copy.
        drop(head.headers.clone());
        let mut asked = door.asked(head);
        let mut admission = None;
        let counted = allocation_counter::measure(|| admission = Some(door.admit(head, &mut asked)));
        assert!(matches!(admission, Some(Admission::Forward(..))), "{number}");
        assert_eq!(counted.count_total, 0, "request {number}: {counted:?}");
    }
}

/// So that the test above can fail: what is refused says why, and that is allocated.
#[test]
fn allocations_are_seen_where_there_are_some() {
    let counted = allocation_counter::measure(|| drop(vec![1_u8; 64]));
    assert_eq!(counted.count_total, 1);
}
