//! `[mail]`: which server takes our mails, and how it is reached. Left out, no mail is ever sent.

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

use super::names::host_name;
use super::reader::{Complaint, Reader};
use super::tls::{authorities, private};
use crate::config::model::MailConfig;
use crate::notify::smtp::{Security, Sender, Server};

const EXAMPLE: &str = "write smtps://user@mail.example.com, or smtp+starttls://user@mail.example.com for a server on port 587";
/// No password is longer.
const LONGEST_PASSWORD: usize = 1024;

/// A server's address, before anybody has looked whether it fits the other keys.
struct Address {
    security: Security,
    host: String,
    port: u16,
    user: Option<String>,
}

/// `None`: there is none, or something has been complained about.
pub(super) fn resolve(reader: &mut Reader<'_>) -> Option<MailConfig> {
    let address = reader.parse("smtp", |text| if text.is_empty() { Ok(None) } else { smtp(text).map(Some) });
    let from = reader.parse("from", |text| if text.is_empty() { Ok(None) } else { from(text).map(Some) }).flatten();
    let authorities = authorities(reader, "mail server");
    let password = password(reader);
    let address = match address {
        Some(Some(address)) => address,
        Some(None) => {
            without_server(reader);
            return None;
        }
        None => return None,
    };
    if from.is_none() && !reader.is_written("from") {
        reader.complain("smtp", Complaint::new("has no sender", "write from = \"portal@example.com\" too"));
    }
    refuse_exposure(reader, &address);
    let login = login(reader, &address, password);
    let Address { security, host, port, .. } = address;
    Some(MailConfig { server: Server { host, port, security, login: login?, from: from?, authorities: authorities? } })
}

fn without_server(reader: &mut Reader<'_>) {
    for key in ["from", "password_file", "ca_file"] {
        if reader.is_written(key) {
            reader.complain(
                key,
                Complaint::new("is set, but there is no mail server", EXAMPLE.replacen("write", "write smtp =", 1)),
            );
        }
    }
}

fn smtp(text: &str) -> Result<Address, Complaint> {
    let url = Url::parse(text).map_err(|error| Complaint::new(format!("is no address of a mail server ({error})"), EXAMPLE))?;
    let (security, port) = match url.scheme() {
        "smtps" => (Security::Tls, 465),
        "smtp+starttls" => (Security::StartTls, 587),
        "smtp" => (Security::None, 25),
        other => return Err(Complaint::new(format!("is reached by {other}, which is no way to send mail here"), EXAMPLE)),
    };
    if url.password().is_some() {
        return Err(Complaint::new("has a password in it", "put the password into a file and name that as password_file"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(Complaint::new("has more than user, host and port", EXAMPLE));
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| Complaint::new("names no host", EXAMPLE))?;
    let host = host_name(host)?.trim_matches(['[', ']']).to_owned();
    if url.port() == Some(0) {
        return Err(Complaint::new("has port 0", "give the port of the mail server, or none"));
    }
    let user = (!url.username().is_empty()).then(|| user(url.username())).transpose()?;
    Ok(Address { security, host, port: url.port().unwrap_or(port), user })
}

fn user(text: &str) -> Result<String, Complaint> {
    let complaint = || Complaint::new("has a user that is no text", "write a @ in it as %40, and no control characters");
    let user = percent_decode_str(text).decode_utf8().map_err(|_| complaint())?;
    if user.contains(char::is_control) { Err(complaint()) } else { Ok(user.into_owned()) }
}

fn from(text: &str) -> Result<Sender, Complaint> {
    let right = "give a bare address, like portal@example.com; the name before it is brand.name";
    Sender::parse(text).ok_or_else(|| Complaint::new("is no address that mail can come from", right))
}

#[expect(clippy::option_option, reason = "not set, and set to something wrong, are two things")]
fn password(reader: &mut Reader<'_>) -> Option<Option<SecretString>> {
    if !reader.is_written("password_file") {
        return Some(None);
    }
    let file = reader.path("password_file")?;
    let text = private(reader, "password_file", &file)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let complaint = match line {
        "" => Complaint::new("is empty", "write the password into it, in one line"),
        _ if line.contains(char::is_control) => Complaint::new("has more than one line", "write the password alone into it"),
        _ if line.len() > LONGEST_PASSWORD => Complaint::new("is too long for a password", "write the password alone into it"),
        _ => return Some(Some(SecretString::from(line))),
    };
    reader.complain("password_file", complaint);
    None
}

/// User and password go together. The outer `None`: complained about.
#[expect(clippy::option_option, reason = "not set, and set to something wrong, are two things")]
fn login(
    reader: &mut Reader<'_>,
    address: &Address,
    password: Option<Option<SecretString>>,
) -> Option<Option<(String, SecretString)>> {
    match (&address.user, password?) {
        (Some(user), Some(password)) => Some(Some((user.clone(), password))),
        (None, None) => Some(None),
        (Some(_), None) => {
            let right = "write password_file = \"mail.password\", or take the user out of the address";
            reader.complain("smtp", Complaint::new("has a user but no password", right));
            None
        }
        (None, Some(_)) => {
            let right = "write the user into smtp, like smtps://user@mail.example.com, or take this key out";
            reader.complain("password_file", Complaint::new("is set, but smtp names no user", right));
            None
        }
    }
}

/// Links that open accounts go to this server.
fn refuse_exposure(reader: &mut Reader<'_>, address: &Address) {
    let here = match Host::parse(&address.host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        _ => address.host.parse::<std::net::Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
    };
    if address.security == Security::None && !here && !reader.flag("danger_plain") {
        let right = "write smtps:// or smtp+starttls://, or set danger_plain = true if the network between is all yours";
        reader.complain("smtp", Complaint::new("sends links that open accounts unencrypted to another machine", right));
    }
}
