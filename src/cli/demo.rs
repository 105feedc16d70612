//! `vestibule demo`: everything in one command with nothing to configure.

use std::path::PathBuf;
use std::time::Duration;

use super::exit::{Failure, Outcome};
use super::{output, serve};
use crate::app::demo::Demo;
use crate::clock::Clock;
use crate::config::values::{duration, duration_text};
use crate::notify::outlet::Outlet;
use crate::shutdown::Shutdown;
use crate::telemetry::{self, Format};

/// Show everything at once: a sample portal behind the gate, on this machine, with nothing to configure
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule demo --port 9443 --window 2m")]
pub(super) struct Args {
    /// The port on 127.0.0.1; 0: any free one
    #[arg(long, default_value_t = 8443, value_name = "PORT")]
    port: u16,
    /// Keep the data in this folder [default: a fresh temporary one]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Ask for a new code after this long, from 1m, to see what happens then [default: 30d, as in a gate without settings]
    #[arg(long, value_name = "DURATION", value_parser = window)]
    window: Option<Duration>,
}

fn window(text: &str) -> Result<Duration, String> {
    let longest = Duration::from_hours(30 * 24);
    let window = duration(text).filter(|window| (Duration::from_mins(1)..=longest).contains(window));
    window.ok_or_else(|| "give a duration from 1m to 30d, like 2m".to_owned())
}

pub(super) fn run(args: Args) -> Outcome {
    telemetry::start_log(Format::Auto);
    let shown = Outlet::new(|text| output::note(&text.lines().map(output::printable).collect::<Vec<_>>().join("\n")));
    let demo = Demo::start(args.port, args.data, args.window, Clock::of_program(), Shutdown::new(), shown);
    let demo = demo.map_err(|error| Failure::Unavailable(format!("{error:#}")))?;
    demo.app().obey_signals().map_err(|error| serve::failure(&error))?;
    output::line(&format!("Portal: {}", demo.portal))?;
    let registration = demo.registration.as_deref().unwrap_or("done already: sign in at the portal as admin@example.com");
    output::line(&format!("Registration: {registration}"))?;
    if let Some(qr) = demo.qr() {
        output::note(&qr);
    }
    output::note("The certificate is made on the spot: your browser warns once, and for this demo you may go on.");
    output::note("Open the registration link first. Texts and mails are shown here and sent to nobody.");
    output::note(&format!("Later, invite somebody else on the admin pages: {}", demo.admin));
    if let Some(window) = args.window {
        output::note(&format!("{} after each code, the gate asks for a new one.", duration_text(window)));
    }
    output::note("Ctrl-C ends the demo.");
    serve::ended(demo.wait())
}
