//! The check alone, with any number of sessions: what a request is judged by, without the sockets around it. For the test that
//! counts allocations, and for `benches/check.rs`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Uri, header};
use uuid::Uuid;

use vestibule::app::settings;
use vestibule::clock::Clock;
use vestibule::config;
use vestibule::gateway::check::{self, Admission};
use vestibule::gateway::live::Live;
use vestibule::gateway::note::Asked;
use vestibule::gateway::request_id::RequestIds;
use vestibule::identity::{AccountId, Login};
use vestibule::keys;
use vestibule::net::{Connection, Protocol};
use vestibule::ports::Token;
use vestibule::session::health::Health;
use vestibule::session::log::{AccountRow, SessionRow};
use vestibule::session::table::Table;
use vestibule::session::window::AdminWindow;
use vestibule::telemetry::access_log::AccessLog;

/// The portal's host.
const HOST: &str = "portal.example.com";
/// So many sessions share an account.
const PER_ACCOUNT: usize = 10;
/// So many requests are kept ready, each of another session: enough that no cache holds all that they lead to.
const REQUESTS: usize = 50_000;

/// Everybody who is signed in, and what their browsers send.
pub struct Crowd {
    /// The sessions.
    pub table: Table,
    /// The configuration.
    pub live: Arc<Live>,
    /// The time.
    pub clock: Clock,
    /// One request each, of sessions at random.
    pub requests: Vec<Parts>,
    connection: Connection,
}

/// Where requests come in, of one thread.
pub struct Door<'a> {
    crowd: &'a Crowd,
    ids: RequestIds,
}

impl Crowd {
    /// So many sessions, made a minute ago. `dir`: an empty folder for the config file.
    pub fn new(dir: &Path, sessions: usize) -> Self {
        let clock = Clock::system();
        let (table, mut requests) = (Table::new(), Vec::with_capacity(sessions.min(REQUESTS)));
        // Those that ask lie scattered among those that do not.
        let every = sessions.div_ceil(REQUESTS).max(1);
        let mut account = None;
        for number in 0..sessions {
            let account =
                if number % PER_ACCOUNT == 0 { account.insert(person(number, &clock)) } else { account.as_mut().unwrap() };
            let (row, token) = session(account.id, &clock);
            table.put(&row, account);
            if number % every == 0 {
                requests.push(request(&token));
            }
        }
        let peer = SocketAddr::from(([203, 0, 113, 9], 4711));
        let connection = Connection {
            id: 1,
            worker: 0,
            peer,
            local: SocketAddr::from(([127, 0, 0, 1], 443)),
            sni: Some(HOST.to_owned()),
            encrypted: true,
            protocol: Protocol::Http1,
        };
        let live = Arc::new(live(dir, &clock));
        Self { table, live, clock, requests, connection }
    }

    /// A door to it.
    pub fn door(&self) -> Door<'_> {
        Door { crowd: self, ids: RequestIds::new() }
    }
}

impl Door<'_> {
    /// What is noted of a request when it comes.
    pub fn asked(&self, head: &Parts) -> Asked {
        let mut request = Request::new(());
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = head.uri.clone();
        let crowd = self.crowd;
        Asked::new(Arc::clone(&crowd.live), &crowd.clock, &self.ids, crowd.connection.peer, &request)
    }

    /// The check of one request.
    pub fn admit(&self, head: &Parts, asked: &mut Asked) -> Admission {
        check::admit(&self.crowd.table, &self.crowd.connection, head, asked)
    }
}

fn live(dir: &Path, clock: &Clock) -> Live {
    let file = dir.join("vestibule.toml");
    let text = format!(
        "[tls]\nself_signed = true\n[store]\nurl = \"sqlite://vestibule.db\"\nmaster_key_file = \"vestibule.key\"\n\
         [limits]\nrequests_per_session = \"1000000/s burst 1000000\"\n\
         [[portal]]\nurl = \"https://{HOST}\"\nupstreams = [\"http://127.0.0.1:9\"]\n\
         [[portal.rule]]\npath = \"/reports/**\"\nreauth = \"1h\"\n\
         [[portal.rule]]\npath = \"/static/**\"\nrequire = \"nothing\"\n"
    );
    std::fs::write(&file, text).unwrap();
    let key = dir.join("vestibule.key");
    std::fs::write(&key, keys::KeyRing::generate_file()).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let config = config::load(&file, []).unwrap_or_else(|report| panic!("{report}")).config;
    let window = Arc::new(AdminWindow::new(settings::configured(&config)));
    let reading = Arc::new(Health::new(clock.now().secure, Duration::from_mins(1)));
    let brands = settings::brands(&config).unwrap();
    settings::live(&config, &window, reading, &brands, &AccessLog::off(), None).unwrap()
}

fn person(number: usize, clock: &Clock) -> AccountRow {
    AccountRow {
        id: AccountId(keys::new_id(clock.now().wall)),
        login: Login::parse(&format!("person{number}@example.com")).unwrap(),
        name: format!("Person {number}"),
        groups: vec!["staff".to_owned()],
        admin: false,
        disabled: false,
        epoch: 1,
    }
}

fn session(account: AccountId, clock: &Clock) -> (SessionRow, Token) {
    let (token, ago) = (Token::generate(), clock.now().secure - Duration::from_mins(1));
    let row = SessionRow {
        id: Uuid::from_bytes(*keys::new_id(ago).as_bytes()),
        token: token.hash(),
        previous: None,
        account,
        portal: HOST.to_owned(),
        epoch: 1,
        created: ago,
        code_at: ago,
        code_step: 1,
        last_seen: ago,
        expires: ago + Duration::from_hours(24 * 30),
        client: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
        agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
        shared: false,
        parent: None,
    };
    (row, token)
}

/// As a browser asks for a picture on a page, with cookies of the portal beside ours.
fn request(token: &Token) -> Parts {
    let mut head = Request::new(()).into_parts().0;
    head.uri = Uri::from_maybe_shared(Bytes::from_static(b"/tickets/4711/pictures/screen.png?size=small&v=3")).unwrap();
    let cookies = format!("sid=0123456789abcdef; theme=dark; __Host-vestibule={}; _tracking=GA1.2.3.4", token.reveal());
    let lines: [(HeaderName, &str); 10] = [
        (header::HOST, HOST),
        (header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        (header::ACCEPT, "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"),
        (header::ACCEPT_LANGUAGE, "de,en-US;q=0.7,en;q=0.3"),
        (header::ACCEPT_ENCODING, "gzip, deflate, br, zstd"),
        (header::REFERER, "https://portal.example.com/tickets/4711"),
        (header::COOKIE, &cookies),
        (HeaderName::from_static("sec-fetch-dest"), "image"),
        (HeaderName::from_static("sec-fetch-mode"), "no-cors"),
        (HeaderName::from_static("sec-fetch-site"), "same-origin"),
    ];
    for (name, value) in lines {
        head.headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    head
}
