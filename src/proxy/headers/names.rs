//! Which header names are ours to set. Compared by letters and digits alone, lower case: CGI, PHP and WSGI upstreams read
//! `X_Forwarded_User` and `X.Forwarded.User` as if they were `X-Forwarded-User`.

use http::{HeaderName, header};

/// No name that is compared as a whole is this long.
const LONGEST: usize = 32;

/// Whole names that nobody but us, or nobody at all, may send.
const MANAGED: &[&str] = &[
    // Where a request comes from.
    "xrealip",
    "xrealclientip",
    "xtrueclientip",
    "trueclientip",
    "xclientip",
    "clientip",
    "xclusterclientip",
    "fastlyclientip",
    "flyclientip",
    "wlproxyclientip",
    "xproxyuserip",
    "xoriginatingip",
    "xoriginalfor",
    "xoriginalforwardedfor",
    "xazureclientip",
    "xazuresocketip",
    "xappengineuserip",
    "xnfclientconnectionip",
    "cloudfrontvieweraddress",
    "remoteaddr",
    "xrequestid",
    // What is asked for, of whom and how: decided on as it stands in the request line.
    "xhost",
    "xhttphost",
    "xhttphostoverride",
    "xscheme",
    "xurlscheme",
    "frontendhttps",
    "xoriginalurl",
    "xoriginaluri",
    "xoriginalmethod",
    "xoriginalhost",
    "xrewriteurl",
    "xrewriteuri",
    "xoverrideurl",
    "xhttpdestinationurl",
    "xwawsunencodedurl",
    "xhttpmethodoverride",
    "xhttpmethod",
    "xmethodoverride",
    // Who somebody is: ours, and what other gates say before which a portal may once have stood.
    "xuser",
    "xuserinfo",
    "xauthuser",
    "xauthusername",
    "xauthname",
    "xauthemail",
    "xauthgroup",
    "xauthgroups",
    "xauthrole",
    "xauthroles",
    "remoteuser",
    "remotegroups",
    "remotename",
    "remoteemail",
    "smuser",
    "smuserdn",
    "ivuser",
    "ivgroups",
    "ivcreds",
    "xgoogiapjwtassertion",
];

/// Families of such names, by how they begin.
const FAMILIES: &[&str] = &[
    "xforwarded",
    "forwarded",
    "cfconnectingip",
    "xenvoy",
    "xaccel",
    "xsendfile",
    "xremote",
    "xauthrequest",
    "xauthenticated",
    "xwebauth",
    "xsslclient",
    "xclientcert",
    "xarrclientcert",
    "sslclient",
    "clientcert",
    "oidcclaim",
    "cfaccess",
    "xamznoidc",
    "xmsclientprincipal",
    "xgoogauthenticateduser",
    "xpomerium",
    "xauthentik",
    "xvouch",
    "proxy",
    "vestibule",
    "xvestibule",
];

/// Names that say how a message is framed or where it goes; each hop makes its own.
const FRAMING: [&str; 11] = [
    "connection",
    "keepalive",
    "te",
    "trailer",
    "trailers",
    "transferencoding",
    "upgrade",
    "http2settings",
    "expect",
    "contentlength",
    "host",
];

/// What becomes of a request header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    Drop,
    Cookie,
}

/// What browsers send with nearly every request, so that only the rest is looked at closely.
fn usual(text: &str) -> Option<Fate> {
    match text {
        "accept"
        | "accept-encoding"
        | "accept-language"
        | "cache-control"
        | "content-type"
        | "if-modified-since"
        | "if-none-match"
        | "origin"
        | "pragma"
        | "priority"
        | "range"
        | "referer"
        | "sec-ch-ua"
        | "sec-ch-ua-mobile"
        | "sec-ch-ua-platform"
        | "sec-fetch-dest"
        | "sec-fetch-mode"
        | "sec-fetch-site"
        | "sec-fetch-user"
        | "upgrade-insecure-requests"
        | "user-agent"
        | "x-requested-with" => Some(Fate::Keep),
        "connection" | "content-length" | "host" => Some(Fate::Drop),
        "cookie" => Some(Fate::Cookie),
        _ => None,
    }
}

/// What becomes of a request header of this name.
pub(super) fn fate(name: &HeaderName) -> Fate {
    usual(name.as_str()).unwrap_or_else(|| judged(name))
}

fn judged(name: &HeaderName) -> Fate {
    let text = name.as_str();
    // Nearly all of what browsers send begins with another letter: no need to look closer.
    match text.bytes().find(u8::is_ascii_alphanumeric) {
        Some(b'c' | b'e' | b'f' | b'h' | b'i' | b'k' | b'o' | b'p' | b'r' | b's' | b't' | b'u' | b'v' | b'w' | b'x') => {}
        Some(_) => return Fate::Keep,
        // A name of punctuation alone is nobody's.
        None => return Fate::Drop,
    }
    let folded = Folded::new(text);
    if *name == header::COOKIE {
        Fate::Cookie
    } else if folded.is("cookie") || FRAMING.iter().any(|framing| folded.is(framing)) || folded.is_managed() {
        Fate::Drop
    } else {
        Fate::Keep
    }
}

/// Whether a name is one that only we set, however it is spelled.
pub(super) fn is_managed(name: &str) -> bool {
    Folded::new(name).is_managed()
}

/// A name's letters and digits in lower case, as many as matter.
struct Folded {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Folded {
    fn new(name: &str) -> Self {
        let mut folded = Self { bytes: [0; LONGEST], len: 0 };
        for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
            let Some(place) = folded.bytes.get_mut(folded.len) else { break };
            *place = byte.to_ascii_lowercase();
            folded.len += 1;
        }
        folded
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn is(&self, name: &str) -> bool {
        self.bytes() == name.as_bytes()
    }

    fn is_managed(&self) -> bool {
        let begins = |family: &&str| self.bytes().starts_with(family.as_bytes());
        MANAGED.iter().any(|name| self.is(name)) || FAMILIES.iter().any(begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate_of(name: &str) -> Fate {
        fate(&HeaderName::from_bytes(name.as_bytes()).unwrap())
    }

    #[test]
    fn what_is_usual_fares_as_a_closer_look_would_say() {
        let usual_names = "accept accept-encoding accept-language cache-control connection content-length content-type cookie host \
                           if-modified-since if-none-match origin pragma priority range referer sec-ch-ua sec-ch-ua-mobile \
                           sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user \
                           upgrade-insecure-requests user-agent x-requested-with";
        for name in usual_names.split_whitespace() {
            assert_eq!(usual(name), Some(judged(&HeaderName::from_static(name))), "{name}");
        }
        assert_eq!(usual("x-forwarded-user"), None);
    }

    #[test]
    fn managed_names_are_known_in_every_spelling() {
        for name in [
            "X-Forwarded-User",
            "x_forwarded_user",
            "X.Forwarded.User",
            "x-forwarded_User",
            "XForwardedUser",
            "_x-forwarded-groups-",
            "X-Forwarded-Prefix",
            "Forwarded",
            "X-Real-Ip",
            "X-Host",
            "X_Scheme",
            "X-Url-Scheme",
            "Front-End-Https",
            "WL-Proxy-Client-IP",
            "wl_proxy_client_ip",
            "X-ProxyUser-Ip",
            "Remote_Groups",
            "remote.user",
            "X-WebAuth-User",
            "X_Http_Method_Override",
            "Proxy",
            "Proxy-Authorization",
            "X-Accel-Redirect",
            "X-Sendfile-Type",
            "X-Request_Id",
            "Vestibule-Required",
            "X-SSL-Client-Verify",
            "X-Auth-Request-Access-Token",
            "SM_USER",
            "iv-user",
            "OIDC_CLAIM_sub",
            "Cf-Access-Authenticated-User-Email",
            "X-MS-CLIENT-PRINCIPAL-NAME",
            "X-Goog-Authenticated-User-Email",
            "X-Amzn-Oidc-Identity",
            "X-HTTP-Host-Override",
            "X-Override-URL",
            "X-Envoy-Original-Path",
            "CF-Connecting-IPv6",
            "X-Vestibule-Window",
            "Transfer_Encoding",
            "Content.Length",
            "HTTP2-Settings",
            "Expect",
            "TE",
            "Upgrade",
            "Connection",
            "C_ookie",
        ] {
            assert_eq!(fate_of(name), Fate::Drop, "{name}");
        }
    }

    #[test]
    fn what_portals_need_passes() {
        for name in [
            "Accept",
            "Authorization",
            "Content-Type",
            "Content-Encoding",
            "Origin",
            "Referer",
            "Sec-Fetch-Site",
            "Sec-WebSocket-Key",
            "Upgrade-Insecure-Requests",
            "User-Agent",
            "X-Requested-With",
            "X-CSRF-Token",
            "X-Auth-Token",
            "X-User-Timezone",
            "X-Api-Key",
            "Remote-Control",
            "Range",
            "Cache-Control",
            "Client-Version",
            "If-None-Match",
            "X-User-Id",
            "X-Access-Token",
        ] {
            assert_eq!(fate_of(name), Fate::Keep, "{name}");
        }
        assert_eq!(fate_of("cookie"), Fate::Cookie);
    }

    #[test]
    fn no_name_is_too_long_to_be_compared() {
        assert!(MANAGED.iter().chain(FAMILIES).chain(&FRAMING).all(|name| name.len() < LONGEST));
        assert!(is_managed(&format!("X-Forwarded-{}", "a".repeat(100))));
        assert!(!is_managed(&format!("X-Real-Ip-{}", "a".repeat(100))));
    }
}
