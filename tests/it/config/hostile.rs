//! Configurations that must not be used, each with the complaint that its author reads.

use std::os::unix::fs::symlink;

use super::workshop::{PORTAL, Workshop};

/// A portal that is good but for one line, line 2.
macro_rules! portal {
    ($line:literal) => {
        concat!("[[portal]]\n", $line, "\n")
    };
}

/// A good portal with a rule whose keys begin in line 5.
macro_rules! rule {
    ($lines:literal) => {
        concat!("[[portal]]\nurl = \"https://portal.example.com\"\nupstreams = [\"unix:/a\"]\n[[portal.rule]]\n", $lines, "\n")
    };
}
/// A file without portal (one is added where none is written), and all that is said about it, without the file's name.
const CASES: &[(&str, &[&str])] = &[
    // Form
    ("x = = 1", &["1: this is not TOML: "]),
    ("[mfa]\nissuer = \"a\"\nissuer = \"b\"\n", &["3: this is not TOML: duplicate key"]),
    ("[mfa\n", &["1: this is not TOML: "]),
    ("[mfa]\nreauth_windw = \"1h\"\n", &["2: mfa.reauth_windw is an unknown key: did you mean reauth_window?"]),
    ("[mfa]\nlifetime = \"1h\"\n", &["2: mfa.lifetime is an unknown key: it belongs to [session]"]),
    ("[session]\nzzz = 1\n", &["2: session.zzz is an unknown key: the keys of [session] are idle, lifetime, download_grace"]),
    ("[sesion]\nidle = \"off\"\n", &["1: sesion is an unknown section: did you mean session?"]),
    ("https = \"[::]:1\"\n", &["1: https is an unknown key: it belongs to [listen]"]),
    ("[portal]\nurl = \"https://a\"\n", &["1: portal may occur several times: write [[portal]], with two brackets"]),
    ("mfa = 5\n", &["1: mfa is a section: write [mfa]"]),
    ("portal = [1]\n", &["1: portal is no table: write [[portal]]"]),
    // What other versions have
    ("[pages]\nurl = \"http://login.example.com\"\n", &["2: pages.url = \"http://login.example.com\" is not an https address"]),
    ("[pages]\nurl = \"https://login.example.com/x\"\n", &["2: pages.url = \"https://login.example.com/x\" has a path"]),
    ("[pages]\nurl = \"https://login.example.com?x\"\n", &["2: pages.url = \"https://login.example.com?x\" has a query"]),
    ("[pages]\nurl = \"https://*.example.com\"\n", &["2: pages.url = \"https://*.example.com\" has a *"]),
    (
        "[pages]\nurl = \"https://PORTAL.example.com:9443\"\n",
        &["2: pages.url = \"https://PORTAL.example.com:9443\" has the host portal.example.com of a portal"],
    ),
    (
        "[listen]\nadmin = \"0.0.0.0:9443\"\n",
        &[" admin.url = \"\" is not set, and listen.admin is not on this machine alone: write what admins type"],
    ),
    (
        "[listen]\nadmin = \"127.0.0.1:1\"\nops = \"127.0.0.1:1\"\n",
        &["2: listen.admin = \"127.0.0.1:1\" is also the address of listen.https, http or ops: give each a port of its own"],
    ),
    (
        "[admin]\nurl = \"http://admin.example.com\"\n",
        &["2: admin.url = \"http://admin.example.com\" is more or less than https, a host and a port: write it like https://"],
    ),
    (
        "[admin]\nurl = \"https://admin.example.com/x\"\n",
        &["2: admin.url = \"https://admin.example.com/x\" is more or less than https, a host and a port"],
    ),
    (
        "[tls.acme]\nmail = \"a@b\"\n",
        &["1: tls.acme is an unknown key: getting certificates by ACME is not part of this version, take it out"],
    ),
    (
        "[store]\nurl = \"postgres://u:secret@h/db\"\n",
        &[
            "2: store.url = \"postgres://u:***@h/db\" is a PostgreSQL address, which this version does not have yet: write sqlite:// and a path",
        ],
    ),
    // Kinds
    ("[listen]\nworkers = \"4\"\n", &["2: listen.workers is a text: give a whole number"]),
    ("[listen]\nworkers = 1.5\n", &["2: listen.workers is a number with a fraction: give a whole number"]),
    ("[listen]\nworkers = -1\n", &["2: listen.workers = -1 is too small: give a number from 0 to 1024"]),
    ("[listen]\nworkers = 0xffff\n", &["2: listen.workers = 65535 is too large: give a number from 0 to 1024"]),
    ("[log]\naccess = \"yes\"\n", &["2: log.access is a text: give true or false"]),
    ("[mfa]\nreauth_window = 3600\n", &["2: mfa.reauth_window is a number: give a text in quotes"]),
    ("[limits]\nexempt = \"10.0.0.0/8\"\n", &["2: limits.exempt is a text: give a list of texts, [\"like\", \"this\"]"]),
    ("[limits]\nexempt = [\"10.0.0.0/8\", 5]\n", &["2: limits.exempt is a list with a number in it: give a list of texts"]),
    ("[session]\nidle = 2026-01-01\n", &["2: session.idle is a date: give a text in quotes"]),
    // Mail
    (
        "[mail]\nsmtp = \"smtps://mail.example.com\"\n",
        &["2: mail.smtp = \"smtps://mail.example.com\" has no sender: write from ="],
    ),
    (
        "[mail]\nfrom = \"a@b.example\"\n",
        &["2: mail.from = \"a@b.example\" is set, but there is no mail server: write smtp = smtps://"],
    ),
    ("[mail]\nca_file = \"certs/portal.pem\"\n", &["2: mail.ca_file = \"certs/portal.pem\" is set, but there is no mail server"]),
    (
        "[mail]\nsmtp = \"mail.example.com\"\nfrom = \"a@b.example\"\n",
        &["2: mail.smtp = \"mail.example.com\" is no address of a mail server ("],
    ),
    (
        "[mail]\nsmtp = \"https://mail.example.com\"\nfrom = \"a@b.example\"\n",
        &[
            "2: mail.smtp = \"https://mail.example.com\" is reached by https, which is no way to send mail here: write smtps://user@mail.example.com, or smtp+starttls://",
        ],
    ),
    (
        "[mail]\nsmtp = \"smtps://u:hunter2@mail.example.com\"\nfrom = \"a@b.example\"\n",
        &["2: mail.smtp = \"smtps://u:***@mail.example.com\" has a password in it: put the password into a file"],
    ),
    (
        "[mail]\nsmtp = \"smtps://u@mail.example.com\"\nfrom = \"a@b.example\"\n",
        &["2: mail.smtp = \"smtps://u@mail.example.com\" has a user but no password: write password_file ="],
    ),
    (
        "[mail]\nsmtp = \"smtps://mail.example.com\"\nfrom = \"a@b.example\"\npassword_file = \"mail.password\"\n",
        &["4: mail.password_file = \"mail.password\" is set, but smtp names no user: write the user into smtp"],
    ),
    (
        "[mail]\nsmtp = \"smtps://u@mail.example.com\"\nfrom = \"a@b.example\"\npassword_file = \"none\"\n",
        &["4: mail.password_file = \"none\" cannot be read (No such file or directory (os error 2)): give the file that has it"],
    ),
    (
        "[mail]\nsmtp = \"smtps://u@mail.example.com\"\nfrom = \"a@b.example\"\npassword_file = \"certs/portal.pem\"\n",
        &["4: mail.password_file = \"certs/portal.pem\" can be read by others (mode 0644): run chmod 600 "],
    ),
    (
        "[mail]\nsmtp = \"smtps://u@mail.example.com\"\nfrom = \"a@b.example\"\npassword_file = \"certs/portal.key\"\n",
        &["4: mail.password_file = \"certs/portal.key\" has more than one line: write the password alone into it"],
    ),
    (
        "[mail]\nsmtp = \"smtps://mail.example.com/x\"\nfrom = \"a@b.example\"\n",
        &["2: mail.smtp = \"smtps://mail.example.com/x\" has more than user, host and port: "],
    ),
    (
        "[mail]\nsmtp = \"smtps://mail.example.com?x\"\nfrom = \"a@b.example\"\n",
        &["2: mail.smtp = \"smtps://mail.example.com?x\" has more than user, host and port: "],
    ),
    (
        "[mail]\nsmtp = \"smtps://mail.example.com:0\"\nfrom = \"a@b.example\"\n",
        &["2: mail.smtp = \"smtps://mail.example.com:0\" has port 0: "],
    ),
    ("[mail]\nsmtp = \"smtps:///\"\nfrom = \"a@b.example\"\n", &["2: mail.smtp = \"smtps:///\" names no host: "]),
    (
        "[mail]\nsmtp = \"smtps://mail..example\"\nfrom = \"a@b.example\"\n",
        &["2: mail.smtp = \"smtps://mail..example\" is no host name: "],
    ),
    (
        "[mail]\nsmtp = \"smtps://u%0d%0aX@mail.example.com\"\nfrom = \"a@b.example\"\n",
        &["2: mail.smtp = \"smtps://u%0d%0aX@mail.example.com\" has a user that is no text: "],
    ),
    (
        "[mail]\nsmtp = \"smtp://mail.example.com\"\nfrom = \"a@b.example\"\n",
        &[
            "2: mail.smtp = \"smtp://mail.example.com\" sends links that open accounts unencrypted to another machine: write smtps:// or smtp+starttls://, or set danger_plain = true",
        ],
    ),
    (
        "[mail]\nsmtp = \"smtps://mail.example.com\"\nfrom = \"IT <a@b.example>\"\n",
        &["3: mail.from = \"IT <a@b.example>\" is no address that mail can come from: give a bare address"],
    ),
    (
        "[mail]\nsmtp = \"smtps://mail.example.com\"\nfrom = \"a@b.example\"\nca_file = \"certs/portal.key\"\n",
        &["4: mail.ca_file = \"certs/portal.key\" holds no certificate: give a PEM file"],
    ),
    ("[mail]\ndanger_plain = \"yes\"\n", &["2: mail.danger_plain is a text: give true or false"]),
    // Durations, sizes, rates
    ("[mfa]\nreauth_window = \"90d\"\n", &["2: mfa.reauth_window = \"90d\" is longer than 30d: give a duration from 1h to 30d"]),
    ("[mfa]\nreauth_window = \"59m\"\n", &["2: mfa.reauth_window = \"59m\" is shorter than 1h: give a duration from 1h to 30d"]),
    (
        "[mfa]\nreauth_window = \"30d1s\"\n",
        &["2: mfa.reauth_window = \"30d1s\" is longer than 30d: give a duration from 1h to 30d"],
    ),
    (
        "[mfa]\nreauth_window = \"1 hour\"\n",
        &["2: mfa.reauth_window = \"1 hour\" is no duration: give a duration from 1h to 30d, like 30s, 15m, 1h30m or 30d"],
    ),
    (
        "[mfa]\nenrolment_window = \"5m\"\n",
        &["2: mfa.enrolment_window = \"5m\" is shorter than 10m: give a duration from 10m to 90d"],
    ),
    (
        "[session]\nidle = \"never\"\n",
        &["2: session.idle = \"never\" is no duration: give \"off\" or a duration from 1s to 365d, like"],
    ),
    (
        "[session]\nlifetime = \"off\"\n",
        &["2: session.lifetime = \"off\" is no duration: give a duration from 1m to 3650d, like"],
    ),
    ("[tls]\nhsts = \"0s\"\n", &["2: tls.hsts = \"0s\" is shorter than 1s: give \"off\" or a duration from 1s to 3650d"]),
    (
        "[limits]\nfailures_per_client = \"30/m\"\n",
        &[
            "2: limits.failures_per_client = \"30/m\" is no rate: write how many per s, m, h or d, and how many at once, like \"200/s burst 400\"",
        ],
    ),
    (
        "[limits]\nrequests_per_session = \"1/d burst 400\"\n",
        &[
            "2: limits.requests_per_session = \"1/d burst 400\" takes more than a year until all of the burst is back: give a smaller burst, or more per span",
        ],
    ),
    ("[limits]\nconnections = 0\n", &["2: limits.connections = 0 is too small: give a number from 1 to 10000000"]),
    // Words and texts
    (
        "[mfa]\nunlock = \"password\"\n",
        &["2: mfa.unlock = \"password\" is not one of the words known here: give \"code\" or \"recovery\""],
    ),
    (
        "[mfa]\nissuer = \"a:b\"\n",
        &["2: mfa.issuer = \"a:b\" has a colon, which authenticator apps take for a separator: write it without"],
    ),
    ("[mfa]\nissuer = \"\"\n", &["2: mfa.issuer = \"\" is empty: give a name"]),
    ("[password]\nmin_length = 4\n", &["2: password.min_length = 4 is too small: give a number from 8 to 128"]),
    (
        "[password]\nclasses = [\"lower\", \"emoji\"]\n",
        &[
            "2: password.classes: \"emoji\" is not one of the words known here: give \"lower\" or \"upper\" or \"digit\" or \"special\"",
        ],
    ),
    (
        "[brand]\nlinks = [{ text = \"a\", url = \"http://a.example/\" }, { text = \"b\", url = \"javascript:alert(1)\" }]\n",
        &["2: brand.links.url \"http://a.example/\" is not https: ", "2: brand.links.url \"javascript:alert(1)\" is not https: "],
    ),
    ("[brand]\nlinks = [{ text = \"a\", url = \"/imprint\" }]\n", &["2: brand.links.url \"/imprint\" is no address: give"]),
    ("[brand]\nlinks = [{ text = \"\", url = \"https://a.example\" }]\n", &["2: brand.links.text is empty: give a name"]),
    (
        "[brand]\nlinks = [{ text = \"a\\nb\", url = \"https://u:p@a.example\" }]\n",
        &["2: brand.links.text has control characters: ", "2: brand.links.url has a user name or password in it: "],
    ),
    (
        "[brand]\nlinks = [\"https://a.example\"]\n",
        &["2: brand.links is a list with a text in it: give a list of links, [{ text = "],
    ),
    ("[brand]\nlinks = \"https://a.example\"\n", &["2: brand.links is a text: give a list of links"]),
    (
        "[brand]\nlinks = [{ text = \"a\", url = \"https://a.example\", target = \"_top\" }]\n",
        &["2: brand.links is a list with something in it that is not a text and a url: give a list of links"],
    ),
    ("[brand]\nlinks = [{ text = \"a\" }]\n", &["2: brand.links is a list with something in it that is not a text and a url"]),
    (
        "[[brand.links]]\ntext = \"a\"\nurl = \"https://a\"\n[[brand.links]]\ntext = \"b\"\nurl = \"https://a\"\n[[brand.links]]\ntext = \"c\"\nurl = \"https://a\"\n[[brand.links]]\ntext = \"d\"\nurl = \"https://a\"\n[[brand.links]]\ntext = \"e\"\nurl = \"https://a\"\n[[brand.links]]\ntext = \"f\"\nurl = \"https://a\"\n[[brand.links]]\ntext = \"g\"\nurl = \"https://a\"\n",
        &["1: brand.links has 7 links: keep 6 at most"],
    ),
    (portal!("brand = \"x\""), &["2: portal[1].brand is a section: write [portal.brand]"]),
    (
        "[[portal]]\nurl = \"https://portal.example.com\"\nupstreams = [\"unix:/a\"]\n[portal.brand]\nnam = \"x\"\naccent = \"red\"\nlinks = [{ text = \"a\", url = \"ftp://a\" }]\n",
        &[
            "5: portal[1].brand.nam is an unknown key: did you mean name?",
            "6: portal[1].brand.accent = \"red\" is no colour: ",
            "7: portal[1].brand.links.url \"ftp://a\" is not https: ",
        ],
    ),
    ("[brand]\naccent = \"blue\"\n", &["2: brand.accent = \"blue\" is no colour: give six hexadecimal digits, like #1f6feb"]),
    ("[brand]\nname = \"a\\u001bb\"\n", &["2: brand.name = \"a\u{fffd}b\" has control characters: give one line of plain text"]),
    // Addresses and networks
    (
        "[listen]\nhttps = \"localhost:8443\"\n",
        &["2: listen.https = \"localhost:8443\" is no address to listen on: give an address and a port"],
    ),
    (
        "[listen]\nhttp = \"8080\"\n",
        &[
            "2: listen.http = \"8080\" is no address to listen on: give an address and a port, like 127.0.0.1:8443 or [::]:8443, or \"off\"",
        ],
    ),
    (
        "[listen]\nhttps = \"127.0.0.1:1\"\nops = \"127.0.0.1:1\"\n",
        &["3: listen.ops = \"127.0.0.1:1\" is also the address of listen.https or http: give each a port of its own"],
    ),
    (
        "[listen]\ntrusted_proxies = [\n  \"10.0.0.0/8\",\n  \"10.0.0.0/33\",\n]\n",
        &["4: listen.trusted_proxies: \"10.0.0.0/33\" is no network: give an address with or without prefix"],
    ),
    ("[listen]\nproxy_protocol_from = [\"lb.internal\"]\n", &["2: listen.proxy_protocol_from: \"lb.internal\" is no network"]),
    // Files
    (
        "[tls]\ncertificate = \"nope.pem\"\n",
        &[
            "2: tls.certificate = \"nope.pem\" cannot be read (No such file or directory (os error 2)): give a PEM file, or set self_signed = true",
        ],
    ),
    (
        "[tls]\ncertificate = \"vestibule.toml\"\n",
        &["2: tls.certificate = \"vestibule.toml\" holds no certificate: give a PEM file with the portal's certificate first"],
    ),
    ("[tls]\ncertificate = \"certs\"\n", &["2: tls.certificate = \"certs\" is no file"]),
    (
        "[tls]\nprivate_key = \"certs/portal.pem\"\n",
        &["2: tls.private_key = \"certs/portal.pem\" can be read by others (mode 0644): run chmod 600 certs/portal.pem"],
    ),
    ("[tls]\nprivate_key = \"other.key\"\n", &["2: tls.private_key = \"other.key\" does not belong to tls.certificate"]),
    (
        "[tls]\nprivate_key = \"vestibule.key\"\n",
        &["2: tls.private_key = \"vestibule.key\" holds no private key: give a PEM file with an unencrypted"],
    ),
    (
        "[tls]\nself_signed = true\ncertificate = \"certs/portal.pem\"\n",
        &[
            "3: tls.certificate = \"certs/portal.pem\" and self_signed = true exclude each other: take this key out, or set self_signed = false",
        ],
    ),
    (
        "[store]\nmaster_key_file = \"nope.key\"\n",
        &[
            "2: store.master_key_file = \"nope.key\" cannot be read (No such file or directory (os error 2)): make one with `vestibule init`",
        ],
    ),
    (
        "[store]\nmaster_key_file = \"certs/portal.key\"\n",
        &[
            "2: store.master_key_file = \"certs/portal.key\" is no key file: line 1 of the key file is not ID:BASE64 with a number from 0 to 255 and 32 bytes",
        ],
    ),
    (
        "[store]\nmaster_key_file = \"open.key\"\n",
        &["2: store.master_key_file = \"open.key\" can be read by others (mode 0640): run chmod 600 open.key"],
    ),
    (
        "[store]\nmaster_key_file = \"\"\n",
        &["2: store.master_key_file = \"\" names no file: give a path, absolute or relative to the configuration file"],
    ),
    ("[store]\nurl = \"mysql://a\"\n", &["2: store.url = \"mysql://a\" is no store known here: write sqlite:// and a path"]),
    ("[store]\nurl = \"sqlite://:memory:\"\n", &["2: store.url = \"sqlite://:memory:\" names no file"]),
    ("[store]\nurl = \"sqlite://a.db?mode=ro\"\n", &["2: store.url = \"sqlite://a.db?mode=ro\" has parameters"]),
    (
        "[brand]\nlogo = \"vestibule.toml\"\n",
        &["2: brand.logo = \"vestibule.toml\" is no picture known here: give a PNG, SVG, JPEG or WebP file of at most 512 KiB"],
    ),
    ("[brand]\nlogo = \"big.png\"\n", &["2: brand.logo = \"big.png\" is larger than 512 KiB"]),
    // Portals
    (
        "[[portal]]\n",
        &[
            "1: portal[1] has no upstreams: write upstreams = [\"http://127.0.0.1:8081\"]",
            "1: portal[1] has no url: write url = \"https://portal.example.com\"",
        ],
    ),
    (
        portal!("url = \"http://a.example\""),
        &["2: portal[1].url = \"http://a.example\" is not an https address: write https://a.example"],
    ),
    (portal!("url = \"a.example\""), &["2: portal[1].url = \"a.example\" is not an https address: write https://a.example"]),
    (
        portal!("url = \"https://a.example/x\""),
        &["2: portal[1].url = \"https://a.example/x\" has a path: give scheme, host and perhaps port alone"],
    ),
    (portal!("url = \"https://a.example/?x\""), &["2: portal[1].url = \"https://a.example/?x\" has a query or fragment"]),
    (
        portal!("url = \"https://u:secret@a.example\""),
        &["2: portal[1].url = \"https://u:***@a.example\" has a user name or password"],
    ),
    (portal!("url = \"https://\""), &["2: portal[1].url = \"https://\" is no address (empty host)"]),
    (
        portal!("url = \"https://*.example.com\""),
        &["2: portal[1].url = \"https://*.example.com\" has a *: name every host of its own"],
    ),
    (portal!("url = 5"), &["2: portal[1].url is a number: give a text in quotes"]),
    (
        portal!("hosts = [\"a.example:8443\"]"),
        &["2: portal[1].hosts: \"a.example:8443\" is more than a host name: give a name alone, like portal.example.com"],
    ),
    (portal!("hosts = [\"a.example.\"]"), &["2: portal[1].hosts: \"a.example.\" ends in a dot: write a.example"]),
    (portal!("upstreams = []"), &["2: portal[1].upstreams is empty: name at least one"]),
    (
        portal!("upstreams = [\"ftp://a\"]"),
        &[
            "2: portal[1].upstreams: \"ftp://a\" is neither an http, an https nor a unix address: give http://host:port, https://host:port or unix:/path/to/socket",
        ],
    ),
    (portal!("upstreams = [\"http://127.0.0.1/app\"]"), &["2: portal[1].upstreams: \"http://127.0.0.1/app\" has a path"]),
    (
        portal!("upstreams = [\"http://10.0.0.5:80\"]"),
        &[
            "2: portal[1].upstreams: \"http://10.0.0.5:80\" is plain http to another machine, and with sign_on = \"headers\" whoever is in between can be anybody: use https or unix, or set danger_plain_upstream = true",
        ],
    ),
    (
        portal!("sign_on = \"form\""),
        &["2: portal[1].sign_on = \"form\" is not part of this version: give \"none\" or \"headers\""],
    ),
    (
        portal!("groups = [\"\"]"),
        &["2: portal[1].groups: \"\" is an empty group name, and nobody is in it: give a name, or take it out"],
    ),
    (portal!("groups = [\"a,b\"]"), &["2: portal[1].groups: \"a,b\" is no group name"]),
    (portal!("login_paths = [\"login\"]"), &["2: portal[1].login_paths: \"login\" does not begin with /: write /login"]),
    (
        portal!("logout_paths = [\"/a/../b\"]"),
        &["2: portal[1].logout_paths: \"/a/../b\" has a . or .. segment: write the path that it leads to"],
    ),
    (portal!("login_paths = [\"/login?x\"]"), &["2: portal[1].login_paths: \"/login?x\" has a query or fragment"]),
    (portal!("login_paths = [\"/login/**\"]"), &["2: portal[1].login_paths: \"/login/**\" has a *, and this is no pattern"]),
    (
        portal!("health_path = \"/.vestibule/x\""),
        &["2: portal[1].health_path = \"/.vestibule/x\" is one of our own paths, which never reach a portal"],
    ),
    (
        portal!("max_body = \"100MB\""),
        &["2: portal[1].max_body = \"100MB\" is no size: give a number with B, KiB, MiB or GiB, like 100MiB"],
    ),
    (
        portal!("upstream_reuse = \"always\""),
        &[
            "2: portal[1].upstream_reuse = \"always\" is not one of the words known here: give \"shared\" or \"per-session\" or \"never\"",
        ],
    ),
    (portal!("login_path = [\"/login\"]"), &["2: portal[1].login_path is an unknown key: did you mean login_paths?"]),
    (portal!("reauth = \"1h\""), &["2: portal[1].reauth is an unknown key: it belongs to [[portal.rule]]"]),
    // Rules
    (rule!("methods = [\"GET\"]"), &["4: portal[1].rule[1] has no path: write path = \"/billing/**\""]),
    (rule!("path = \"billing\""), &["5: portal[1].rule[1].path = \"billing\" does not begin with /: write /billing"]),
    (
        rule!("path = \"/a%2fb\""),
        &[
            "5: portal[1].rule[1].path = \"/a%2fb\" has an encoded slash, and requests with it are refused: name a path without it",
        ],
    ),
    (
        rule!("path = \"/*.php\""),
        &["5: portal[1].rule[1].path = \"/*.php\" has a * inside of a segment: * stands for one whole segment"],
    ),
    (
        rule!("path = \"/a\"\nreauth = \"59s\""),
        &["6: portal[1].rule[1].reauth = \"59s\" is shorter than 1m: give a duration from 1m to 30d"],
    ),
    (
        rule!("path = \"/a\"\nreauth = \"31d\""),
        &["6: portal[1].rule[1].reauth = \"31d\" is longer than 30d: give a duration from 1m to 30d"],
    ),
    (
        rule!("path = \"/a\"\nrequire = \"mfa\""),
        &["6: portal[1].rule[1].require = \"mfa\" is not one of the words known here: give \"nothing\" or \"code\" or \"deny\""],
    ),
    (rule!("path = \"/a\"\nmethods = [\"get\"]"), &["6: portal[1].rule[1].methods: \"get\" is not in upper case: write GET"]),
    (
        rule!("path = \"/a\"\nmethods = [\"GE T\"]"),
        &["6: portal[1].rule[1].methods: \"GE T\" is no method: give methods like GET, POST, PUT, DELETE"],
    ),
    (rule!("path = \"/a\"\ngroups = [\"\"]"), &["6: portal[1].rule[1].groups: \"\" is an empty group name"]),
    (rule!("path = \"/a\"\nnetworks = [\"office\"]"), &["6: portal[1].rule[1].networks: \"office\" is no network"]),
    (
        rule!("path = \"/a\"\nrequire = \"nothing\"\ngroups = [\"staff\"]"),
        &["6: portal[1].rule[1].require = \"nothing\" asks for no session, but groups are known of sessions alone"],
    ),
    (
        rule!("path = \"/a/**\"\n[[portal.rule]]\npath = \"/a/**\""),
        &[
            "7: portal[1].rule[2] ties with portal[1].rule[1] in line 5: nothing says which of the two holds: merge them, or tell them apart by path or methods",
        ],
    ),
    (
        rule!("path = \"/a\"\nmethods = [\"GET\"]\n[[portal.rule]]\npath = \"/a\"\nmethods = [\"HEAD\"]"),
        &["8: portal[1].rule[2] ties with portal[1].rule[1] in line 5"],
    ),
    // Several portals
    (
        "[[portal]]\nurl = \"https://a.example\"\nupstreams = [\"unix:/a\"]\n[[portal]]\nurl = \"https://b.example\"\ngroups = []\nhosts = [\"A.EXAMPLE\"]\nupstreams = [\"unix:/a\"]\n",
        &[
            "1: portal[1] does not say who may enter: write groups = [\"…\"], because there are several portals",
            "6: portal[2].groups is empty: name at least one, because there are several portals",
            "7: portal[2].hosts names the host a.example, which portal[1] has already: give every host to one portal; ports do not tell portals apart",
        ],
    ),
    (
        "[[portal]]\nurl = \"https://a.example\"\ngroups = [\"a\"]\nupstreams = [\"unix:/a\"]\n[[portal]]\nurl = \"https://a.example:444\"\ngroups = [\"b\"]\nupstreams = [\"unix:/a\"]\n",
        &["6: portal[2].url names the host a.example, which portal[1] has already"],
    ),
];

fn workshop() -> Workshop {
    let workshop = Workshop::new();
    let other = rcgen::generate_simple_self_signed(vec!["other.example".to_owned()]).unwrap();
    workshop.write("other.key", other.signing_key.serialize_pem(), 0o600);
    workshop.write("open.key", vestibule::keys::KeyRing::generate_file(), 0o640);
    workshop.write("mail.password", "open sesame\n", 0o600);
    workshop.write("big.png", [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 600 << 10]].concat(), 0o644);
    workshop
}

/// Completes what a case leaves out because it is not what it is about.
fn complete(text: &str) -> String {
    if !text.contains("portal]") && !text.starts_with("portal") {
        return format!("{text}{PORTAL}");
    }
    let mut text = text.to_owned();
    if text.starts_with("[[portal]]\n") && text != "[[portal]]\n" && !text.contains("rule") {
        for (key, line) in [("url", "url = \"https://portal.example.com\"\n"), ("upstreams", "upstreams = [\"unix:/a\"]\n")] {
            if !text.contains(&format!("{key} = ")) {
                text.push_str(line);
            }
        }
    }
    text
}

#[test]
fn every_hostile_file_gets_the_complaint_that_its_author_needs() {
    let workshop = workshop();
    let mut wrong = Vec::new();
    for (text, expected) in CASES {
        let found = workshop.complaints(&complete(text), &[]);
        let matches = found.len() >= expected.len()
            && (found.len() == expected.len() || found.iter().all(|line| line.contains("not TOML")))
            && found.iter().zip(*expected).all(|(found, expected)| found.starts_with(&format!("vestibule.toml:{expected}")));
        if !matches {
            wrong.push(format!("--- {text}\nexpected {expected:#?}\nfound    {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(CASES.len() > 100);
}

#[test]
fn all_mistakes_come_at_once_and_in_order() {
    let text = format!("[mfa]\nreauth_window = \"90d\"\nissuer = 5\n[sesion]\n[listen]\nworkers = -1\n{PORTAL}groups = [\"\"]\n");
    let found = workshop().complaints(&text, &[("VESTIBULE__SESSION__IDLE", "never"), ("VESTIBULE__X__Y", "1")]);
    let places: Vec<&str> = found.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(
        places,
        [
            "vestibule.toml:2",
            "vestibule.toml:3",
            "vestibule.toml:4",
            "vestibule.toml:6",
            "vestibule.toml:10",
            "VESTIBULE__SESSION__IDLE",
            "VESTIBULE__X__Y"
        ]
    );
    assert_eq!(
        found[5],
        "VESTIBULE__SESSION__IDLE: session.idle = \"never\" is no duration: give \"off\" or a duration from 1s to 365d, like 30s, 15m, 1h30m or 30d"
    );
}

#[test]
fn a_file_that_is_none_is_named() {
    let workshop = workshop();
    let complaint =
        |name: &str| workshop.without_folder(vestibule::config::load(&workshop.path(name), []).unwrap_err().to_string().trim());
    let advice = "name a configuration with --config, or make one with `vestibule init`";
    assert_eq!(complaint("nope.toml"), format!("nope.toml: cannot be read (No such file or directory (os error 2)): {advice}"));
    assert_eq!(complaint("certs"), format!("certs: is no file: {advice}"));
    workshop.write("latin.toml", b"[brand]\nname = \"B\xfcro\"\n", 0o644);
    assert_eq!(complaint("latin.toml"), format!("latin.toml: is no text: {advice}"));
    symlink(workshop.path("loop"), workshop.path("loop")).unwrap();
    assert!(complaint("loop").starts_with("loop: cannot be read ("));
    assert_eq!(workshop.complaints("", &[]).len(), 1, "an empty file lacks a portal and nothing else");
}

#[test]
fn no_complaint_shows_a_secret() {
    let workshop = workshop();
    let key = std::fs::read_to_string(workshop.path("vestibule.key")).unwrap();
    let secret = key.trim().rsplit(':').next().unwrap().to_owned();
    workshop.write("bent.key", format!("1:{secret}{secret}\n"), 0o600);
    let text = format!("[store]\nmaster_key_file = \"bent.key\"\nurl = \"postgres://u:hunter2@h/x\"\n{PORTAL}");
    let found = workshop.complaints(&text, &[]).join("\n");
    assert!(found.contains("bent.key") && !found.contains(&secret[..20]) && !found.contains("hunter2"), "{found}");
    let shown = workshop.load(PORTAL, &[]).unwrap().show();
    assert!(!shown.contains(&secret) && shown.contains("master_key_file = \"vestibule.key\""));
    assert!(workshop.folder().exists());
}

#[test]
fn mail_servers_are_reached_as_written() {
    use vestibule::notify::smtp::Security;
    let workshop = workshop();
    let server = |smtp: &str, more: &str| {
        let text = format!("[mail]\nsmtp = \"{smtp}\"\nfrom = \"a@b.example\"\n{more}\n{PORTAL}");
        let loaded = workshop.load(&text, &[]).unwrap_or_else(|report| panic!("{smtp}: {report}"));
        loaded.config.mail.expect("a mail server").server
    };
    for (smtp, security, host, port) in [
        ("smtps://mail.example.com", Security::Tls, "mail.example.com", 465),
        ("smtp+starttls://mail.example.com", Security::StartTls, "mail.example.com", 587),
        ("smtp+starttls://Mail.Example.com:2525/", Security::StartTls, "mail.example.com", 2525),
        ("smtp://127.0.0.1", Security::None, "127.0.0.1", 25),
        ("smtp://localhost:1025", Security::None, "localhost", 1025),
        ("smtp://[::1]:1025", Security::None, "::1", 1025),
    ] {
        let read = server(smtp, "");
        assert_eq!((read.security, read.host.as_str(), read.port), (security, host, port), "{smtp}");
        assert!(read.login.is_none() && read.authorities.is_none());
    }
    assert_eq!(server("smtp://10.0.0.1", "danger_plain = true").security, Security::None);
    let known = server("smtps://gate%40example.com@mail.example.com", "password_file = \"mail.password\"");
    assert_eq!(known.login.as_ref().map(|(user, _)| user.as_str()), Some("gate@example.com"));
    assert!(!format!("{known:?}").contains("sesame"));
    assert!(server("smtps://mail.example.com", "ca_file = \"certs/portal.pem\"").authorities.is_some());
    assert!(workshop.load(PORTAL, &[]).unwrap().config.mail.is_none());
}
