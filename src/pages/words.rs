//! Whatever is said depending on what happened; the standing text of a page is named in its template. The words themselves are
//! in `language/words`. Short sentences, "you", what happened and what to do next, never blame.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::language::{Message, say};
use crate::pages::account::agent::Agent;
use crate::pages::frame::Problem;

/// How long a page can be used.
pub mod holds {
    use super::{Duration, Message, left, say};

    /// Between the doors.
    pub fn login(rest: Duration) -> Message {
        say("page-ends-login").with("left", left(rest))
    }

    /// A page that a link has led to.
    pub fn link(rest: Duration) -> Message {
        say("page-ends-link").with("left", left(rest))
    }

    /// Inside a session.
    pub fn inside(rest: Duration) -> Message {
        say("page-ends-inside").with("left", left(rest))
    }
}

/// Page one.
pub mod login {
    use super::{Duration, Problem, say, wait};

    pub fn refused() -> Problem {
        Problem::at("login", say("sign-in-refused"))
    }

    pub fn slow_down(pause: Duration) -> Problem {
        Problem::on_top(say("sign-in-slow-down").with("wait", wait(pause)))
    }
}

/// Whatever asks for a code.
pub mod code {
    use super::{Duration, Problem, say, wait};

    pub fn malformed() -> Problem {
        Problem::at("code", say("code-malformed"))
    }

    pub fn wrong(left: u32) -> Problem {
        Problem::at("code", say("code-wrong").with("left", left))
    }

    pub fn used(seconds: u64) -> Problem {
        Problem::at("code", say("code-used").with("wait", wait(Duration::from_secs(seconds))))
    }

    pub fn slow_down(pause: Duration) -> Problem {
        Problem::on_top(say("code-slow-down").with("wait", wait(pause)))
    }

    pub fn stale() -> Problem {
        Problem::at("code", say("code-stale"))
    }

    pub fn begin_again() -> Problem {
        Problem::on_top(say("setup-begin-again"))
    }
}

/// Recovery.
pub mod recover {
    use super::{Problem, say};

    pub fn due() -> Problem {
        Problem::on_top(say("recover-due"))
    }

    pub fn malformed() -> Problem {
        Problem::at("code", say("recover-malformed"))
    }

    pub fn wrong(left: u32) -> Problem {
        Problem::at("code", say("recover-wrong").with("left", left))
    }
}

/// What waits.
pub mod parked {
    use super::{Duration, Message, Problem, say};

    pub fn stale() -> Problem {
        Problem::on_top(say("parked-stale"))
    }

    /// "3 minutes ago"
    pub fn ago(since: Duration) -> Message {
        say("parked-ago").with("minutes", since.as_secs() / 60)
    }
}

/// The recovery mobile.
pub mod mobile {
    use super::{Message, Problem, say, wait};
    use crate::auth::authenticator::{NumberError, NumberUnfit};

    /// Why a number was not texted. `countries`: where texts are sent.
    pub fn unfit(why: NumberUnfit, countries: &str) -> Problem {
        match why {
            NumberUnfit::Wrong(NumberError::NotANumber) => Problem::at("mobile", say("mobile-not-a-number")),
            NumberUnfit::Wrong(NumberError::Country) => Problem::at("mobile", say("mobile-country").with("countries", countries)),
            NumberUnfit::Wrong(NumberError::Kind) => Problem::at("mobile", say("mobile-kind")),
            NumberUnfit::Refused => Problem::at("mobile", say("mobile-refused")),
            NumberUnfit::Away => Problem::on_top(say("mobile-not-sent")),
            NumberUnfit::SlowDown(pause) => slow_down(pause),
        }
    }

    /// The same inside a session, where there is nothing to skip.
    pub fn unfit_inside(why: NumberUnfit, countries: &str) -> Problem {
        match why {
            NumberUnfit::Away => Problem::on_top(say("mobile-not-sent-inside")),
            other => unfit(other, countries),
        }
    }

    pub fn slow_down(pause: std::time::Duration) -> Problem {
        Problem::on_top(say("mobile-slow-down").with("wait", wait(pause)))
    }

    pub fn wrong(left: u32) -> Problem {
        Problem::at("code", say("mobile-code-wrong").with("left", left))
    }

    pub fn gone() -> Problem {
        Problem::on_top(say("mobile-code-gone"))
    }

    pub fn malformed() -> Problem {
        Problem::at("code", say("mobile-code-malformed"))
    }

    pub fn recovery_wrong(left: u32) -> Problem {
        Problem::at("code", say("mobile-recover-wrong").with("left", left))
    }

    pub fn open_the_mail() -> Message {
        say("mobile-recover-open-mail")
    }
}

/// Recovery codes.
pub mod codes {
    use super::{Problem, say};

    pub fn not_saved() -> Problem {
        Problem::at("saved", say("codes-not-saved"))
    }
}

/// Registration.
pub mod register {
    use super::{Message, Problem, say};
    use crate::auth::password::Complaint;

    pub fn mismatch() -> Problem {
        Problem::at("new_password_again", say("register-mismatch"))
    }

    pub fn weak(complaints: &[Complaint]) -> Problem {
        let mut problem = Problem::at("new_password", say("password-weak"));
        if !complaints.iter().any(|complaint| matches!(complaint, Complaint::Length | Complaint::Missing(_))) {
            problem.text.clear();
        }
        problem.text.extend(complaints.iter().filter_map(|complaint| sentence(*complaint)));
        problem
    }

    /// What no list can show beforehand.
    const fn sentence(complaint: Complaint) -> Option<Message> {
        match complaint {
            Complaint::Length | Complaint::Missing(_) => None,
            Complaint::Common => Some(say("password-common")),
            Complaint::Guessable => Some(say("password-guessable")),
            Complaint::ContainsLogin => Some(say("password-contains-login")),
            Complaint::TooLong => Some(say("password-too-long")),
            Complaint::ForbiddenCharacter => Some(say("password-forbidden")),
        }
    }
}

/// Why a new link is needed.
pub mod new_link {
    use super::{Message, say};

    pub const GONE: Message = say("new-link-gone");
    pub const MISSING: Message = say("new-link-missing");
    pub const NEEDED: Message = say("new-link-needed");
    pub const HALF_WAY: Message = say("new-link-half-way");
}

/// Sign-out.
pub mod logout {
    use super::{Problem, say};

    pub fn stale() -> Problem {
        Problem::on_top(say("sign-out-stale"))
    }
}

/// The account page and what is below it.
pub mod account {
    use super::{Duration, Problem, say};

    /// How soon to try again where too much came at once.
    pub const CROWDED: Duration = Duration::from_secs(2);

    pub fn wrong_password(left: u32) -> Problem {
        Problem::at("password", say("security-wrong-password").with("left", left))
    }

    pub fn same_password() -> Problem {
        Problem::at("new_password", say("security-password-same"))
    }

    pub fn crowded() -> Problem {
        Problem::on_top(say("security-crowded"))
    }

    pub fn stale() -> Problem {
        Problem::on_top(say("security-stale"))
    }

    pub fn press_again() -> Problem {
        Problem::on_top(say("sessions-stale"))
    }

    pub fn begin_again() -> Problem {
        Problem::on_top(say("security-mfa-begin-again"))
    }
}

/// "Firefox on Linux".
pub fn browser(agent: Agent) -> Message {
    match (agent.browser, agent.system) {
        (Some(browser), Some(system)) => say("sessions-browser-on").with("browser", browser).with("system", system),
        (Some(browser), None) => say("sessions-browser-only").with("browser", browser),
        (None, Some(system)) => say("sessions-browser-some").with("system", system),
        (None, None) => say("sessions-browser-none"),
    }
}

/// "5 minutes ago": rounded down.
pub fn ago(past: Duration) -> Message {
    let secs = past.as_secs();
    match secs {
        172_800.. => say("sessions-days-ago").with("number", secs / 86_400),
        7200.. => say("sessions-hours-ago").with("number", secs / 3600),
        60.. => say("sessions-minutes-ago").with("number", secs / 60),
        _ => say("sessions-just-now"),
    }
}

/// "in 2 minutes": rounded up, so that it is true.
pub fn wait(pause: Duration) -> Message {
    let secs = u64::try_from(pause.as_millis().div_ceil(1000).max(1)).unwrap_or(u64::MAX);
    match secs {
        0..=90 => say("in-seconds").with("number", secs),
        91..=5400 => say("in-minutes").with("number", secs.div_ceil(60)),
        _ => say("in-hours").with("number", secs.div_ceil(3600)),
    }
}

/// "in 3 hours": for how long something is still good; rounded down, but never to nothing.
pub fn left(left: Duration) -> Message {
    let secs = left.as_secs();
    match secs {
        172_800.. => say("in-days").with("number", secs / 86_400),
        7200.. => say("in-hours").with("number", secs / 3600),
        120.. => say("in-minutes").with("number", secs / 60),
        _ => say("in-seconds").with("number", secs.max(1)),
    }
}

/// "12 KiB": rounded up.
pub fn bytes(size: u64) -> String {
    match size {
        0..1024 => format!("{size} B"),
        1024..1_048_576 => format!("{} KiB", size.div_ceil(1024)),
        _ => format!("{} MiB", size.div_ceil(1 << 20)),
    }
}

/// A path cut to what can be read at a glance.
pub fn short(path: &str) -> String {
    const MOST: usize = 80;
    let start: String = path.chars().take(MOST).collect();
    if start.len() < path.len() { format!("{start}…") } else { start }
}

/// "29 November 2026": for deadlines that are days away.
pub fn until(end: Timestamp) -> Message {
    let time = jiff::Timestamp::from_second(end.secs()).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
    let part = |number: i16| u64::try_from(number).unwrap_or_default();
    say("date").with("day", part(time.day().into())).with("month", part(time.month().into())).with("year", part(time.year()))
}

/// "29 November 2026, 14:03 UTC": for whoever has to wait until then.
pub fn moment(time: Timestamp) -> Message {
    crate::notify::words::moment(time)
}

/// "every hour", "every 30 days".
pub fn every(window: Duration) -> Message {
    let secs = window.as_secs();
    let whole = |unit: u64| (secs >= unit && secs.is_multiple_of(unit)).then(|| secs / unit);
    match (whole(86_400), whole(3600), whole(60)) {
        (Some(days), _, _) => say("every-days").with("number", days),
        (_, Some(hours), _) => say("every-hours").with("number", hours),
        (_, _, Some(minutes)) => say("every-minutes").with("number", minutes),
        _ => say("every-seconds").with("number", secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn spans_read_like_speech() {
        let secs = Duration::from_secs;
        let english = |message: Message| message.in_language(Language::English);
        assert_eq!(english(every(secs(3600))), "every hour");
        assert_eq!(english(every(secs(30 * 86_400))), "every 30 days");
        assert_eq!(english(every(secs(5400))), "every 90 minutes");
        assert_eq!(english(wait(Duration::from_millis(1))), "in 1 second");
        assert_eq!(english(wait(secs(91))), "in 2 minutes");
        assert_eq!(english(left(secs(3601))), "in 60 minutes");
        assert_eq!(english(left(secs(0))), "in 1 second");
        assert_eq!(english(left(secs(30 * 86_400 - 1))), "in 29 days");
        assert_eq!(english(until(Timestamp::from_secs(1_795_910_400))), "29 November 2026");
    }
}
