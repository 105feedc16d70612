//! What `init` has to know: given by option, asked for on a terminal, or refused.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use dialoguer::Input;
use url::Url;

use super::super::exit::Failure;
use super::Args;
use crate::config::{portal_address, upstream_address};
use crate::identity::Login;
use crate::proxy::UpstreamAddr;

/// The port when nobody names one: free for everybody, unlike 443.
const PORT: u16 = 8443;

/// All that is needed, checked.
pub(super) struct Answers {
    /// Where the portal answers now.
    pub upstream: UpstreamAddr,
    /// What people type.
    pub url: Url,
    /// Its host, for the certificate.
    pub host: String,
    /// A host of its own for the gate's pages.
    pub pages: Option<Url>,
    pub admin: Login,
    /// Certificate and key that exist already, absolute.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

impl Answers {
    pub(super) fn collect(args: &Args) -> Result<Self, Failure> {
        let asks = !args.yes && io::stdin().is_terminal() && io::stderr().is_terminal();
        if !asks {
            refuse_gaps(args)?;
        }
        let portal =
            given_or_asked(args.portal.as_deref(), "Where the portal answers now", Some("http://127.0.0.1:8081"), |text| {
                upstream_address(text).map(drop)
            })?;
        let host = match (&args.host, asks) {
            (None, false) => "localhost".to_owned(),
            (host, _) => given_or_asked(host.as_deref(), "The name that people will type", Some("localhost"), |text| {
                public_url(text).map(drop)
            })?,
        };
        let pages = pages(args, asks)?;
        let admin =
            given_or_asked(args.admin.as_deref(), "The first admin (an e-mail address)", None, |text| login(text).map(drop))?;
        let usage = |option: &str, error: String| Failure::Usage(format!("--{option}: {error}"));
        let url = public_url(&host).map_err(|error| usage("host", error))?;
        Ok(Self {
            upstream: upstream_address(&portal).map_err(|error| usage("portal", error))?,
            host: url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
            pages: pages_url(&pages, &url).map_err(|error| usage("pages", error))?,
            url,
            admin: login(&admin).map_err(|error| usage("admin", error))?,
            certificate: certificate(args)?,
        })
    }
}

/// A host of its own for our pages is offered, and nobody needs one to begin.
fn pages(args: &Args, asks: bool) -> Result<String, Failure> {
    match (&args.pages, asks) {
        (Some(given), _) => Ok(given.clone()),
        (None, false) => Ok(String::new()),
        (None, true) => {
            let question = "A name of its own for the sign-in pages, out of the portal's reach (empty: none)";
            let judge = |text: &String| if text.is_empty() { Ok(()) } else { public_url(text).map(drop) };
            let input = Input::<String>::new().with_prompt(question).allow_empty(true).validate_with(judge);
            input.interact_text().map_err(|error| Failure::Failed(format!("no answer came: {error}")))
        }
    }
}

/// On the port of the portal, which is the one that is listened on.
fn pages_url(text: &str, portal: &Url) -> Result<Option<Url>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut url = public_url(text)?;
    if !text.contains("://") && !has_port(text) {
        url.set_port(portal.port()).map_err(|()| "is no host name".to_owned())?;
    }
    if url.host_str() == portal.host_str() {
        return Err(format!("\"{text}\" is the portal's own host: give another name, like login.example.com"));
    }
    Ok(Some(url))
}

fn has_port(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn refuse_gaps(args: &Args) -> Result<(), Failure> {
    let gaps = [("--portal URL", args.portal.is_none()), ("--admin EMAIL", args.admin.is_none())];
    let missing: Vec<&str> = gaps.iter().filter(|(_, missing)| *missing).map(|(option, _)| *option).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (have, it) = if missing.len() == 1 { ("has", "it") } else { ("have", "them") };
    let ways = format!("give {it}, or run this on a terminal without --yes to be asked");
    Err(Failure::Usage(format!("{} {have} no default: {ways}", missing.join(" and "))))
}

fn given_or_asked(
    given: Option<&str>,
    question: &str,
    default: Option<&str>,
    judge: impl Fn(&str) -> Result<(), String>,
) -> Result<String, Failure> {
    if let Some(text) = given {
        return Ok(text.to_owned());
    }
    let mut input = Input::<String>::new().with_prompt(question).validate_with(|text: &String| judge(text));
    if let Some(default) = default {
        input = input.default(default.to_owned());
    }
    input.interact_text().map_err(|error| Failure::Failed(format!("no answer came: {error}")))
}

/// `NAME`, `NAME:PORT` or `https://NAME[:PORT]`; a bare name gets our port.
fn public_url(text: &str) -> Result<Url, String> {
    if text.contains("://") {
        return portal_address(text);
    }
    let bare = text.parse::<std::net::Ipv6Addr>().map_or_else(|_| text.to_owned(), |address| format!("[{address}]"));
    let mut url = portal_address(&format!("https://{bare}"))?;
    if !has_port(&bare) {
        url.set_port(Some(PORT)).map_err(|()| "is no host name".to_owned())?;
    }
    Ok(url)
}

fn login(text: &str) -> Result<Login, String> {
    Login::parse(text).map_err(|error| error.to_string())
}

fn certificate(args: &Args) -> Result<Option<(PathBuf, PathBuf)>, Failure> {
    let (Some(certificate), Some(key)) = (&args.certificate, &args.private_key) else { return Ok(None) };
    let absolute = |file: &PathBuf| {
        // Must exist: what is wrong with its content, the check of the new configuration says.
        let error = |error: io::Error| Failure::Failed(format!("{} cannot be read: {error}", file.display()));
        file.metadata().map_err(error)?;
        std::path::absolute(file).map_err(error)
    };
    Ok(Some((absolute(certificate)?, absolute(key)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_gets_our_port_and_an_address_stays_as_given() {
        for (text, url) in [
            ("localhost", "https://localhost:8443/"),
            ("portal.example.com", "https://portal.example.com:8443/"),
            ("portal.example.com:443", "https://portal.example.com/"),
            ("portal.example.com:9443", "https://portal.example.com:9443/"),
            ("https://portal.example.com", "https://portal.example.com/"),
            ("::1", "https://[::1]:8443/"),
            ("127.0.0.1", "https://127.0.0.1:8443/"),
        ] {
            assert_eq!(public_url(text).unwrap().as_str(), url);
        }
        for text in ["", "http://a", "a/b", "a b", "*.example.com", "https://a/b"] {
            assert!(public_url(text).is_err(), "{text}");
        }
    }
}
