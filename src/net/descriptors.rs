//! As many file descriptors as the system lets us have, and no more connections than these are enough for. Otherwise strangers who
//! only connect would take the ones that requests of people inside need on their way to the portal, and that the store needs.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for the store, listeners, logs, mail, texts and the operator.
const RESERVE: u64 = 128;

/// How many connections there may be where `wanted` are configured: each may need one to the portal besides.
pub(super) fn connections(wanted: usize) -> usize {
    let Some(limit) = raised() else { return wanted };
    let room = room(limit);
    if room < wanted {
        tracing::warn!(
            descriptors = limit,
            connections = room,
            wanted,
            "the system allows fewer file descriptors than limits.connections needs, so fewer connections are taken: raise \
             `LimitNOFILE` or `ulimit -n`"
        );
    }
    room.min(wanted)
}

fn room(limit: u64) -> usize {
    usize::try_from(limit.saturating_sub(RESERVE) / 2).unwrap_or(usize::MAX).max(1)
}

/// The limit, once it is as high as it may be without privileges; `None`: there is none.
fn raised() -> Option<u64> {
    let before = getrlimit(Resource::Nofile);
    if before.current == before.maximum {
        return before.current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: before.maximum, maximum: before.maximum }) {
        Ok(()) => before.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of file descriptors cannot be raised");
            before.current
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_has_room_for_one_to_the_portal() {
        assert_eq!(room(1024), 448);
        assert_eq!(room(524_288), 262_080);
        assert_eq!(room(10), 1, "never none");
    }
}
