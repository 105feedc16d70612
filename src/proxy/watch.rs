//! Whether what is open may stay open: the permit, judged again on every beat.

use std::time::Duration;

use crate::access::Permit;
use crate::proxy::pulse::{Ticker, Waiting};
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

    /// The pulse's own time, for waits.
    pub(super) fn uptime(&self) -> Duration {
        self.ticker.uptime()
    }

    /// How the session stands as of the last beat.
    pub(super) fn standing(&self) -> Standing {
        self.permit.standing(self.ticker.now())
    }

    /// The same, but only looks again if there was a beat since last time.
    pub(super) fn look(&mut self) -> Standing {
        if self.ticker.passed() { self.standing() } else { Standing::Fresh }
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
    /// How long a download may go on.
    grace: Duration,
    /// Since the window has passed.
    passed: Waiting,
    /// For upstream, in the middle of the response.
    silent: Waiting,
    /// The session's end is what this response tells of.
    farewell: bool,
}

/// Upstreams may be silent this long in the middle of a response that is no event stream.
const SILENCE: Duration = Duration::from_mins(5);

/// A response that waits this long for its upstream is no download.
const STILL: Duration = Duration::from_millis(500);

impl Lasting {
    pub(super) fn new(flow: Flow, grace: Duration) -> Self {
        Self { flow, grace, passed: Waiting::default(), silent: Waiting::default(), farewell: false }
    }

    /// The end of its session does not cut it.
    pub(super) fn outlive_session(&mut self) {
        self.farewell = true;
    }

    /// Something came from upstream.
    pub(super) fn moved(&mut self) {
        self.silent.end();
    }

    /// Nothing to pass on: it is upstream that is waited for, not the client.
    pub(super) fn waits(&mut self, uptime: Duration) {
        self.silent.begin(uptime);
    }

    /// Judges at a beat.
    pub(super) fn judge(&mut self, standing: Standing, uptime: Duration, draining: bool) -> Verdict {
        let standing = if self.farewell && standing == Standing::Over { Standing::WindowPassed } else { standing };
        match standing {
            Standing::WindowPassed => self.passed.begin(uptime),
            // A code was entered meanwhile.
            Standing::Fresh => self.passed.end(),
            Standing::Over | Standing::Unknown => {}
        }
        let over = match (self.flow, standing) {
            (Flow::Events, standing) => {
                return if standing == Standing::Fresh && !draining { Verdict::Stay } else { Verdict::Close };
            }
            (_, Standing::Over | Standing::Unknown) => true,
            (_, Standing::Fresh) => false,
            (Flow::Download, Standing::WindowPassed) => self.passed.exceeds(self.grace, uptime),
            (Flow::Open, Standing::WindowPassed) => self.passed.exceeds(self.grace, uptime) || self.silent.exceeds(STILL, uptime),
        };
        if over || self.silent.exceeds(SILENCE, uptime) { Verdict::Cut } else { Verdict::Stay }
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

    fn at(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn each_kind_ends_in_its_own_way() {
        let verdict = |flow, standing, draining| Lasting::new(flow, Duration::from_secs(9)).judge(standing, at(0), draining);
        assert_eq!(verdict(Flow::Events, Standing::Fresh, false), Verdict::Stay);
        assert_eq!(verdict(Flow::Events, Standing::Fresh, true), Verdict::Close);
        assert_eq!(verdict(Flow::Events, Standing::WindowPassed, false), Verdict::Close);
        assert_eq!(verdict(Flow::Events, Standing::Over, false), Verdict::Close);
        assert_eq!(verdict(Flow::Events, Standing::Unknown, false), Verdict::Close);
        for flow in [Flow::Download, Flow::Open] {
            assert_eq!(verdict(flow, Standing::Fresh, true), Verdict::Stay);
            assert_eq!(verdict(flow, Standing::WindowPassed, false), Verdict::Stay);
            assert_eq!(verdict(flow, Standing::Over, false), Verdict::Cut);
            assert_eq!(verdict(flow, Standing::Unknown, false), Verdict::Cut);
        }
    }

    #[test]
    fn the_grace_ends_and_a_code_in_time_gives_it_back() {
        let mut download = Lasting::new(Flow::Download, Duration::from_secs(9));
        for (standing, now, verdict) in [
            (Standing::WindowPassed, 0, Verdict::Stay),
            (Standing::WindowPassed, 9, Verdict::Stay),
            (Standing::Fresh, 10, Verdict::Stay),
            (Standing::WindowPassed, 20, Verdict::Stay),
            (Standing::WindowPassed, 30, Verdict::Cut),
        ] {
            download.waits(at(now));
            assert_eq!(download.judge(standing, at(now), true), verdict, "{now}");
        }
    }

    #[test]
    fn a_response_without_a_known_end_gets_its_grace_only_while_it_keeps_coming() {
        let mut comet = Lasting::new(Flow::Open, Duration::from_mins(10));
        assert_eq!(comet.judge(Standing::WindowPassed, at(9), false), Verdict::Stay, "the client was slow, not upstream");
        comet.waits(at(9));
        assert_eq!(comet.judge(Standing::WindowPassed, at(10), false), Verdict::Stay);
        comet.moved();
        comet.waits(at(10));
        assert_eq!(comet.judge(Standing::WindowPassed, at(11), false), Verdict::Stay);
        assert_eq!(comet.judge(Standing::WindowPassed, at(12), false), Verdict::Cut);
    }

    #[test]
    fn silence_ends_everything_but_event_streams() {
        for (flow, verdict) in [(Flow::Download, Verdict::Cut), (Flow::Open, Verdict::Cut), (Flow::Events, Verdict::Stay)] {
            let mut silent = Lasting::new(flow, Duration::ZERO);
            silent.waits(at(0));
            assert_eq!(silent.judge(Standing::Fresh, at(300), false), Verdict::Stay);
            assert_eq!(silent.judge(Standing::Fresh, at(301), false), verdict);
        }
    }
}
