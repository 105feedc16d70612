//! Whether what is open may stay open: the permit, judged again on every beat.

use crate::access::Permit;
use crate::proxy::pulse::{Ticker, beats};
use crate::session::record::Standing;

/// A permit and when it was last judged.
#[derive(Debug)]
pub(super) struct Watch {
    permit: Permit,
    ticker: Ticker,
}

impl Watch {
    pub(super) fn new(permit: Permit, ticker: Ticker) -> Self {
        Self { permit, ticker }
    }

    pub(super) fn permit(&self) -> &Permit {
        &self.permit
    }

    pub(super) fn ticker(&mut self) -> &mut Ticker {
        &mut self.ticker
    }

    /// How the session stands as of the last beat.
    pub(super) fn standing(&self) -> Standing {
        self.permit.standing(self.ticker.now())
    }

    /// The same, but only looks again if there was a beat since last time.
    pub(super) fn look(&mut self) -> Standing {
        if self.ticker.passed() > 0 { self.standing() } else { Standing::Fresh }
    }
}

/// What a response is, as far as its end is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Meant to stay open: ends with the window, cleanly, so that the browser comes back and is asked for a code.
    Events,
    /// Has an end that is known: gets its grace.
    Download,
    /// May have an end: gets its grace for as long as it keeps coming.
    Open,
}

impl Flow {
    /// By content type, and whether the length is known.
    pub(super) fn of(headers: &http::HeaderMap, length_known: bool) -> Self {
        const EVENTS: [&str; 8] = [
            "text/event-stream",
            "multipart/x-mixed-replace",
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/json-seq",
            "application/stream+json",
            "application/grpc",
        ];
        let kind = headers.get(http::header::CONTENT_TYPE).map_or(&b""[..], http::HeaderValue::as_bytes);
        let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        if EVENTS.iter().any(|events| kind.eq_ignore_ascii_case(events.as_bytes())) {
            Self::Events
        } else if length_known {
            Self::Download
        } else {
            Self::Open
        }
    }
}

/// What to do with a response at a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Verdict {
    /// Let it go on.
    Stay,
    /// End it as if it were complete.
    Close,
    /// Break it off.
    Cut,
}

/// How long one response may stay open.
#[derive(Debug)]
pub(super) struct Lasting {
    flow: Flow,
    /// Beats that are left after the window has passed.
    grace: u64,
    /// Beats without anything from upstream.
    silent: u64,
    /// It is upstream that is waited for, not the client.
    waiting: bool,
}

/// Upstreams may be silent this long in the middle of a response that is no event stream.
const SILENCE: std::time::Duration = std::time::Duration::from_mins(5);

/// A response that waits for this many beats for its upstream is no download.
const STILL: u64 = 2;

impl Lasting {
    pub(super) fn new(flow: Flow, grace: std::time::Duration) -> Self {
        Self { flow, grace: beats(grace), silent: 0, waiting: false }
    }

    /// Something came from upstream.
    pub(super) fn moved(&mut self) {
        self.silent = 0;
        self.waiting = false;
    }

    /// Nothing to pass on; from here on, beats are upstream's silence.
    pub(super) fn waits(&mut self) {
        self.waiting = true;
    }

    /// Judges after so many beats.
    pub(super) fn judge(&mut self, standing: Standing, passed: u64, draining: bool) -> Verdict {
        if self.waiting {
            self.silent += passed;
        }
        match (self.flow, standing) {
            (Flow::Events, Standing::Fresh) if !draining => Verdict::Stay,
            (Flow::Events, _) => Verdict::Close,
            (_, Standing::Over) => Verdict::Cut,
            (_, _) if self.silent > beats(SILENCE) => Verdict::Cut,
            (_, Standing::Fresh) => Verdict::Stay,
            (Flow::Open, Standing::WindowPassed) if self.silent >= STILL => Verdict::Cut,
            (_, Standing::WindowPassed) => {
                self.grace = self.grace.saturating_sub(passed);
                if self.grace == 0 { Verdict::Cut } else { Verdict::Stay }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::header::CONTENT_TYPE;
    use http::{HeaderMap, HeaderValue};

    use super::*;

    #[test]
    fn event_streams_are_told_from_downloads() {
        let flow =
            |kind: &'static str, known| Flow::of(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]), known);
        assert_eq!(flow("Text/Event-Stream ; charset=utf-8", false), Flow::Events);
        assert_eq!(flow("text/html", false), Flow::Open);
        assert_eq!(flow("application/zip", true), Flow::Download);
        assert_eq!(Flow::of(&HeaderMap::new(), false), Flow::Open);
    }

    #[test]
    fn each_kind_ends_in_its_own_way() {
        let lasting = |flow| Lasting::new(flow, Duration::from_secs(1));
        assert_eq!(lasting(Flow::Events).judge(Standing::WindowPassed, 1, false), Verdict::Close);
        assert_eq!(lasting(Flow::Events).judge(Standing::Over, 1, false), Verdict::Close);
        assert_eq!(lasting(Flow::Events).judge(Standing::Fresh, 1, true), Verdict::Close);
        assert_eq!(lasting(Flow::Download).judge(Standing::Over, 1, false), Verdict::Cut);
        let mut download = lasting(Flow::Download);
        download.waits();
        for verdict in [Verdict::Stay, Verdict::Stay, Verdict::Cut] {
            assert_eq!(download.judge(Standing::WindowPassed, 1, true), verdict);
        }
    }

    #[test]
    fn a_response_without_a_known_end_gets_its_grace_only_while_it_keeps_coming() {
        let mut comet = Lasting::new(Flow::Open, Duration::from_mins(10));
        assert_eq!(comet.judge(Standing::WindowPassed, 9, false), Verdict::Stay, "the client was slow, not upstream");
        comet.waits();
        assert_eq!(comet.judge(Standing::WindowPassed, 1, false), Verdict::Stay);
        comet.moved();
        comet.waits();
        assert_eq!(comet.judge(Standing::WindowPassed, 1, false), Verdict::Stay);
        assert_eq!(comet.judge(Standing::WindowPassed, 1, false), Verdict::Cut);
    }

    #[test]
    fn silence_ends_everything_but_event_streams() {
        let mut silent = Lasting::new(Flow::Download, Duration::ZERO);
        silent.waits();
        assert_eq!(silent.judge(Standing::Fresh, 600, false), Verdict::Stay);
        assert_eq!(silent.judge(Standing::Fresh, 2, false), Verdict::Cut);
        let mut quiet = Lasting::new(Flow::Events, Duration::ZERO);
        quiet.waits();
        assert_eq!(quiet.judge(Standing::Fresh, 1_000_000, false), Verdict::Stay);
    }
}
