//! Whatever is said depending on what happened; the standing text of a page is in its template. Short sentences, "you", what
//! happened and what to do next, never blame.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::pages::frame::Problem;

/// What a refused request is told.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// One line that says what happened.
    pub headline: &'static str,
    /// What to do next.
    pub text: &'static str,
}

pub const NOT_FOUND: Refused =
    Refused { headline: "There is no page here", text: "Check the address, or start again from the portal." };
pub const METHOD: Refused = Refused { headline: "This page cannot do that", text: "Start again from the portal." };
pub const FOREIGN: Refused = Refused {
    headline: "This form came from somewhere else",
    text: "To keep your account safe, forms are only taken from this site’s own pages. Open the page again and fill in the form there.",
};
pub const TOKEN: Refused = Refused {
    headline: "This form does not belong to your session",
    text: "You may have signed in again since you opened it. Nothing was changed. Open the page again and repeat what you did.",
};
pub const SCRIPT: Refused = Refused { headline: "This page is for people", text: "Open it in a browser window." };
pub const FRAME: Refused = Refused {
    headline: "Sign in again",
    text: "This part of the page needs you to sign in or to enter a new code. That opens in the whole window.",
};
pub const NOT_A_FORM: Refused =
    Refused { headline: "Your form did not arrive in one piece", text: "Open the page again and repeat what you did." };
pub const BUSY: Refused = Refused {
    headline: "Too many people are signing in right now",
    text: "Nothing was lost. Please try again in a few seconds.",
};
pub const AWAY: Refused = Refused {
    headline: "Signing in is not possible right now",
    text: "We cannot reach our records. Nothing was changed. Please try again in a minute.",
};
pub const FAULT: Refused = Refused {
    headline: "Something went wrong on our side",
    text: "It was not your doing. Please try again. If it happens once more, ask for help and tell them the number below.",
};

pub const HOME: &str = "Go to the portal";
pub const WHOLE_WINDOW: &str = "Open in the whole window";

/// Notes on page one: why somebody who was somewhere else is here now.
pub mod note {
    pub const ENDED: &str = "Your session has ended. Please sign in again.";
    pub const EXPIRED: &str = "That took a while, so we ask for your password again.";
    pub const SIGNED_OUT: &str = "You are signed out. On a shared computer, close the browser as well.";
    pub const RECOVERY: &str = "Recovery begins with your password. On the next page, choose Start recovery.";
    pub const PASSWORD_SET: &str = "You have a password already. Sign in with it to go on.";
}

/// Page one.
pub mod login {
    use super::{Duration, Problem, wait};

    pub fn refused() -> Problem {
        Problem::at(
            "login",
            "You could not be signed in.",
            "The e-mail address or the password is not right. Check both and try again.",
        )
    }

    pub fn slow_down(pause: Duration) -> Problem {
        Problem::on_top("Please wait a little.", format!("There were too many failed tries. You can try again {}.", wait(pause)))
    }
}

/// Whatever asks for a code.
pub mod code {
    use super::{Duration, Problem, tries, wait};

    pub fn malformed() -> Problem {
        Problem::at(
            "code",
            "That is not a six-digit code.",
            "Enter the six digits that your app shows now. This try was not counted.",
        )
    }

    pub fn wrong(left: u32) -> Problem {
        let text = format!(
            "Check that it is the code for this account, and that your phone’s clock is set automatically. You have {} left.",
            tries(left)
        );
        Problem::at("code", "That code was not right.", text)
    }

    pub fn used(seconds: u64) -> Problem {
        let text = format!(
            "Each code works once, and you have used this one to get here. Your app shows the next one in {seconds} {}.",
            super::plural(seconds, "second")
        );
        Problem::at("code", "Please wait for the next code.", text)
    }

    pub fn slow_down(pause: Duration) -> Problem {
        Problem::on_top(
            "Please wait a little.",
            format!("There were too many wrong codes from your network. You can try again {}.", wait(pause)),
        )
    }

    pub fn stale() -> Problem {
        Problem::at("code", "This page was open for a while.", "To be safe, please enter the code your app shows now.")
    }

    pub fn begin_again() -> Problem {
        Problem::on_top(
            "The QR code has expired.",
            "Here is a new one. Remove the old entry from your app and scan this one instead.",
        )
    }
}

/// Page two.
pub mod verify {
    pub const SIGN_IN: &str = "Enter your code";
    pub const SIGN_IN_LEAD: &str =
        "Open the authenticator app on your phone and enter the six-digit code it shows for this account.";
    pub const SIGN_IN_BUTTON: &str = "Submit OTP code";
    pub const ENROLLED: &str = "One last code";
    pub const ENROLLED_LEAD: &str = "Open your authenticator app once more. When it shows a new code, enter it here: this proves that the app works, and lets you in.";
    pub const ENROLLED_BUTTON: &str = "Verify";
}

/// Recovery.
pub mod recover {
    use super::{Problem, tries};

    pub fn due() -> Problem {
        Problem::on_top("Please use a recovery code.", "Here, a code from the app is not enough. This try was not counted.")
    }

    pub fn malformed() -> Problem {
        Problem::at(
            "code",
            "That is not a recovery code.",
            "A recovery code has sixteen letters and digits in groups of four. This try was not counted.",
        )
    }

    pub fn wrong(left: u32) -> Problem {
        let text = format!(
            "Check that you have not used it before, and that it is from your newest set. You have {} left.",
            tries(left)
        );
        Problem::at("code", "That recovery code was not right.", text)
    }
}

/// What waits.
pub mod parked {
    pub const STALE: &str = "This page was open for a while.";
    pub const STALE_TEXT: &str = "Nothing was sent or discarded. Please choose again.";
}

/// Recovery codes.
pub mod codes {
    use super::Problem;

    pub fn not_saved() -> Problem {
        Problem::at(
            "saved",
            "Your recovery codes are not saved yet.",
            "Download them, or show them on this page and tick the box once you have saved them.",
        )
    }
}

/// Registration.
pub mod register {
    use super::Problem;
    use crate::auth::password::Complaint;

    pub fn mismatch() -> Problem {
        Problem::at(
            "new_password_again",
            "The two passwords are not the same.",
            "Enter your new password twice, the same both times.",
        )
    }

    pub fn weak(complaints: &[Complaint]) -> Problem {
        let mut text: Vec<&str> = complaints.iter().filter_map(|complaint| sentence(*complaint)).collect();
        if complaints.iter().any(|complaint| matches!(complaint, Complaint::Length | Complaint::Missing(_))) {
            text.insert(0, "What is marked in the list below is still missing.");
        }
        Problem::at("new_password", "Please choose another password.", text.join(" "))
    }

    /// What no list can show beforehand.
    const fn sentence(complaint: Complaint) -> Option<&'static str> {
        match complaint {
            Complaint::Length | Complaint::Missing(_) => None,
            Complaint::Common => Some("It is built on one of the most used passwords, which are tried first."),
            Complaint::Guessable => {
                Some("It follows a pattern that is quickly guessed. Unrelated words or a random one are better.")
            }
            Complaint::ContainsLogin => Some("It contains your username."),
            Complaint::TooLong => Some("It is longer than can be taken."),
            Complaint::ForbiddenCharacter => Some("It contains a character that cannot be typed everywhere, for example a tab."),
        }
    }
}

/// Why a new link is needed.
pub mod new_link {
    pub const GONE: &str = "This link has expired, has been used, or was replaced by a newer one.";
    pub const MISSING: &str = "This browser does not hold a registration link, or it has expired.";
    pub const NEEDED: &str = "Your password was right, but no authenticator app is set up for your account yet, and this browser does not hold the link that allows it.";
}

/// Sign-out.
pub mod logout {
    use super::Problem;

    pub fn stale() -> Problem {
        Problem::on_top("You are still signed in.", "This page was open for a while. Press the button again to sign out.")
    }
}

fn tries(left: u32) -> String {
    if left == 1 { "one more try".to_owned() } else { format!("{left} tries") }
}

fn plural(number: u64, unit: &str) -> String {
    if number == 1 { unit.to_owned() } else { format!("{unit}s") }
}

/// "in 2 minutes": rounded up, so that it is true.
fn wait(pause: Duration) -> String {
    let secs = pause.as_millis().div_ceil(1000).max(1);
    let secs = u64::try_from(secs).unwrap_or(u64::MAX);
    let (number, unit) = match secs {
        0..=90 => (secs, "second"),
        91..=5400 => (secs.div_ceil(60), "minute"),
        _ => (secs.div_ceil(3600), "hour"),
    };
    format!("in {number} {}", plural(number, unit))
}

/// "3 hours": how long something is still good; rounded down, but never to nothing.
pub fn span(left: Duration) -> String {
    let secs = left.as_secs();
    let (number, unit) = match secs {
        172_800.. => (secs / 86_400, "day"),
        7200.. => (secs / 3600, "hour"),
        120.. => (secs / 60, "minute"),
        _ => (secs.max(1), "second"),
    };
    format!("{number} {}", plural(number, unit))
}

/// "12 KiB": rounded up.
pub fn bytes(size: u64) -> String {
    match size {
        0..1024 => format!("{size} {}", plural(size, "byte")),
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
pub fn until(end: Timestamp) -> String {
    jiff::Timestamp::from_second(end.secs()).map_or_else(|_| end.to_string(), |time| time.strftime("%-d %B %Y").to_string())
}

/// "every hour", "every 30 days".
pub fn every(window: Duration) -> String {
    let secs = window.as_secs();
    let (number, unit) = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        .into_iter()
        .find(|(size, _)| secs >= *size && secs.is_multiple_of(*size))
        .map_or((secs, "second"), |(size, unit)| (secs / size, unit));
    if number == 1 { format!("every {unit}") } else { format!("every {number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_speech() {
        let secs = Duration::from_secs;
        assert_eq!(every(secs(3600)), "every hour");
        assert_eq!(every(secs(30 * 86_400)), "every 30 days");
        assert_eq!(every(secs(5400)), "every 90 minutes");
        assert_eq!(wait(Duration::from_millis(1)), "in 1 second");
        assert_eq!(wait(secs(91)), "in 2 minutes");
        assert_eq!(span(secs(3601)), "60 minutes");
        assert_eq!(span(secs(0)), "1 second");
        assert_eq!(span(secs(30 * 86_400 - 1)), "29 days");
    }
}
