//! `config check --connect`: whether what the configuration names can be reached from here, asked as the gate asks.

use std::error::Error;
use std::fmt::Write as _;

use tokio::runtime::Handle;

use super::super::exit::{Failure, Outcome};
use super::super::output;
use crate::app::settings;
use crate::clock::Clock;
use crate::config::Config;
use crate::proxy::Upstreams;
use crate::store::{self, OpenError};

/// Tries the database, every upstream and the mail server; complains about each that does not answer.
pub(super) async fn try_all(config: &Config) -> Outcome {
    let mut failed = 0_usize;
    let mut tell = |what: String, tried: Result<(), String>| match tried {
        Ok(()) => output::note(&format!("{what} answers")),
        Err(error) => {
            failed += 1;
            output::error(&format!("{what} does not answer: {error}"));
        }
    };
    let opened = match store::open_to_read(&config.store.url, config.store.keys.clone()).await {
        // That is for `serve` to change, when it starts.
        Ok(_) | Err(OpenError::Older(_)) => Ok(()),
        Err(error) => Err(error.to_string()),
    };
    tell(format!("database {}", config.store.database.display()), opened);
    let unusable = |error: &dyn Error| Failure::Unusable(with_causes(error));
    let upstreams = settings::upstreams(config).map_err(|error| unusable(&error))?;
    let upstreams = Upstreams::new(upstreams, Clock::system(), Handle::current()).map_err(|error| unusable(&error))?;
    for probed in upstreams.ask_all().await {
        let what = format!("upstream {} of portal {}", probed.upstream, probed.portal);
        tell(what, probed.result.map_err(|error| with_causes(&error)));
    }
    if let Some(mail) = &config.mail {
        let hello = config.portals.first().and_then(|portal| portal.hosts.first()).map_or("localhost", String::as_str);
        tell(format!("mail server {:?}", mail.server), mail.server.try_out(hello).await);
    }
    match failed {
        0 => Ok(()),
        1 => Err(Failure::Unavailable("the configuration is right, but something it names does not answer".to_owned())),
        _ => Err(Failure::Unavailable(format!("the configuration is right, but {failed} things it names do not answer"))),
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
