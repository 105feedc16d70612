//! The tickets of the sample portal: a few, in memory, gone when it stops.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Tickets kept; the oldest one makes room.
const TICKETS: usize = 20;
/// Characters kept of whatever somebody wrote.
const TEXT: usize = 200;

/// One ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Counts from 1.
    pub number: u64,
    /// What it is about.
    pub subject: String,
    /// Who opened it, as far as the portal was told.
    pub by: String,
}

/// All tickets.
#[derive(Default)]
pub struct Desk(Mutex<(u64, VecDeque<Ticket>)>);

impl Desk {
    /// Opens a ticket.
    pub fn open(&self, subject: &str, by: &str) {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, tickets) = &mut *desk;
        *count += 1;
        tickets.push_front(Ticket { number: *count, subject: cut(subject), by: cut(by) });
        tickets.truncate(TICKETS);
    }

    /// All that are kept, the newest first.
    pub fn tickets(&self) -> Vec<Ticket> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.iter().cloned().collect()
    }
}

fn cut(text: &str) -> String {
    text.trim().chars().take(TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_tickets_of_so_much_text_are_kept() {
        let desk = Desk::default();
        for number in 0..50 {
            desk.open(&format!("{number} {}", "x".repeat(9999)), "anna");
        }
        let tickets = desk.tickets();
        assert_eq!((tickets.len(), tickets[0].number, tickets[0].subject.chars().count()), (TICKETS, 50, TEXT));
    }
}
