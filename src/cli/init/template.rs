//! The configuration that `init` writes: what matters for this portal, and where the rest is told.

use super::answers::Answers;

/// The text of `vestibule.toml`.
pub(super) fn write(answers: &Answers) -> String {
    let port = answers.url.port_or_known_default().unwrap_or(443);
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let (certificate, private_key) = match &answers.certificate {
        Some((certificate, key)) => (quoted(&certificate.to_string_lossy()), quoted(&key.to_string_lossy())),
        None => (quoted("certs/portal.pem"), quoted("certs/portal.key")),
    };
    let certificate_note = if answers.certificate.is_none() { "  # made for development: put your own in its place" } else { "" };
    let sign_on = if answers.upstream.is_plain_and_remote() {
        "# The portal is on another machine and speaks plain http, where anybody in between could pretend to be the gate.\n\
         # So it is not told who is there. Use https or unix above, then \"headers\"."
    } else {
        "# The portal learns who is there from X-Forwarded-User and its companions. \"none\": it has a sign-in of its own."
    };
    let sign_on_value = if answers.upstream.is_plain_and_remote() { "none" } else { "headers" };
    let pages = answers.pages.as_ref().map_or_else(
        || {
            "# url = \"https://login.example.com\" # a host of its own: the portal's scripts never share one with a password"
                .to_owned()
        },
        |url| format!("url = {}", quoted(url.as_str().trim_end_matches('/'))),
    );
    format!(
        "# Vestibule. What is not said here has a sensible default: `vestibule config show` prints all that holds,\n\
         # `vestibule config check` says whether a change is right, before you restart.\n\
         \n\
         [listen]\n\
         https = \"[::]:{port}\"\n\
         # http = \"[::]:8080\"         # sends browsers to https\n\
         \n\
         [tls]\n\
         certificate = {certificate}{certificate_note}\n\
         private_key = {private_key}\n\
         \n\
         [store]\n\
         url = \"sqlite://vestibule.db\"\n\
         master_key_file = \"vestibule.key\" # seals what the database holds: back it up, apart from the database\n\
         \n\
         [mfa]\n\
         reauth_window = \"30d\"         # how long after a code people go on without another: 1h to 30d\n\
         \n\
         [pages]\n\
         {pages}\n\
         \n\
         [brand]\n\
         name = \"IT support portal\"\n\
         help = \"\"                     # whom to call: plain text on every page\n\
         \n\
         [[portal]]\n\
         url = {url}\n\
         upstreams = [{upstream}]\n\
         {sign_on}\n\
         sign_on = \"{sign_on_value}\"\n\
         \n\
         # Some paths may ask for a newer code, or for none at all.\n\
         # [[portal.rule]]\n\
         # path = \"/billing/**\"\n\
         # reauth = \"1h\"\n",
        url = quoted(answers.url.as_str().trim_end_matches('/')),
        upstream = quoted(&answers.upstream.to_string()),
    )
}
