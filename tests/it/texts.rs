//! Texts leave through real HTTP: what a gateway is sent, what its answers mean, and where nothing is ever sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use base64::Engine as _;
use secrecy::SecretString;
use vestibule::notify::mobile::{CallingCodes, Mobile};
use vestibule::notify::sms::{Gateway, Provider, Sender, Template, TextError, Twilio, Webhook};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

/// What has been asked of the server.
#[derive(Clone, Debug, Default)]
struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
}

type Log = Arc<Mutex<Vec<Asked>>>;

/// A gateway on loopback that behaves as its path says.
async fn server() -> (SocketAddr, Log) {
    let log = Log::default();
    let app = Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", any(like_twilio))
        .route("/answer/{status}", any(answer))
        .route("/never", any(never))
        .route("/redirect", any(|| async { (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/answer/200")]) }))
        .with_state(Arc::clone(&log));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, log)
}

async fn answer(
    State(log): State<Log>,
    Path(status): Path<u16>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    log.lock().unwrap().push(Asked { method, uri, headers, body });
    (StatusCode::from_u16(status).unwrap(), "queued: 1").into_response()
}

async fn never(State(log): State<Log>) -> Response {
    log.lock().unwrap().push(Asked::default());
    std::future::pending().await
}

/// Checks what Twilio checks: who asks, and every field of the form.
async fn like_twilio(
    State(log): State<Log>,
    Path(account): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let refuse = |status: u16, code: u32| {
        let text = format!(r#"{{"code": {code}, "message": "about +12035550123", "status": {status}}}"#);
        (StatusCode::from_u16(status).unwrap(), text).into_response()
    };
    let expected = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{ACCOUNT}:right-token")));
    if headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) != Some(&expected) || account != ACCOUNT {
        return refuse(401, 20_003);
    }
    if method != Method::POST || headers.get(header::CONTENT_TYPE).unwrap() != "application/x-www-form-urlencoded" {
        return refuse(405, 20_004);
    }
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let from = field("From").or(field("MessagingServiceSid"));
    match (field("To"), from, field("Body")) {
        (Some("+12035550999"), ..) => refuse(400, 21_211),
        (Some("+12035550429"), ..) => refuse(429, 20_429),
        (Some("+12035550500"), ..) => refuse(500, 20_500),
        (Some(to), Some(_), Some(_)) if to.starts_with('+') && fields.len() == 3 => {
            log.lock().unwrap().push(Asked { body: String::from_utf8_lossy(&body).into_owned(), ..Asked::default() });
            (StatusCode::CREATED, r#"{"sid": "SM1", "status": "queued"}"#).into_response()
        }
        _ => refuse(400, 21_604),
    }
}

fn twilio(at: SocketAddr, token: &str) -> Box<dyn Gateway> {
    Provider::Twilio(Twilio {
        base: format!("http://{at}").parse().unwrap(),
        account: ACCOUNT.to_owned(),
        token: SecretString::from(token),
        sender: Sender::From("+12035550100".to_owned()),
        authorities: None,
    })
    .gateway()
    .unwrap()
}

fn webhook(url: &str, method: Method, body: Option<(&str, &str)>, success: &str) -> Box<dyn Gateway> {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, "Bearer key".parse().unwrap());
    if let Some((_, media_type)) = body {
        headers.insert(header::CONTENT_TYPE, media_type.parse().unwrap());
    }
    let body = body.map(|(text, media_type)| Template::body(text, media_type).unwrap());
    let url = Template::address(url).unwrap();
    Provider::Webhook(Webhook { method, url, headers, body, success: success.to_owned(), authorities: None }).gateway().unwrap()
}

fn mobile(text: &str) -> Mobile {
    Mobile::parse(text, &CallingCodes::new(vec![1])).unwrap()
}

#[tokio::test]
async fn twilio_is_sent_what_it_checks() {
    let (at, log) = server().await;
    twilio(at, "right-token").send(&mobile("+12035550123"), "Your code: 123 456 & more").await.unwrap();
    let asked = log.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(asked[0].body.as_bytes()).into_owned().collect();
    let pairs = [("To", "+12035550123"), ("From", "+12035550100"), ("Body", "Your code: 123 456 & more")];
    assert_eq!(fields, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn what_twilio_answers_is_told_apart_and_no_cause_holds_number_text_or_token() {
    let (at, log) = server().await;
    let right = twilio(at, "right-token");
    let mut errors = Vec::new();
    for number in ["+12035550999", "+12035550429", "+12035550500"] {
        errors.push(right.send(&mobile(number), "code 123456").await.unwrap_err());
    }
    errors.push(twilio(at, "wrong-token").send(&mobile("+12035550123"), "code 123456").await.unwrap_err());
    assert!(matches!(errors[0], TextError::Refused(_)), "{errors:?}");
    assert!(errors[1..].iter().all(|error| matches!(error, TextError::Away(_))), "{errors:?}");
    for error in &errors {
        let cause = error.cause();
        assert!(!["2035550", "123456", "token"].iter().any(|secret| cause.contains(secret)), "{cause}");
    }
    assert!(log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_webhook_is_asked_as_its_operator_wrote() {
    let (at, log) = server().await;
    let json = (r#"{"to": {to}, "text": {text}}"#, "application/json");
    let post = webhook(&format!("http://{at}/answer/202"), Method::POST, Some(json), "queued");
    post.send(&mobile("+12035550123"), "a \"b\"").await.unwrap();
    let get = webhook(&format!("http://{at}/answer/200?to={{to}}&m={{text}}"), Method::GET, None, "");
    get.send(&mobile("+12035550123"), "a b").await.unwrap();
    let asked = log.lock().unwrap().clone();
    assert_eq!(asked[0].body, r#"{"to": "+12035550123", "text": "a \"b\""}"#);
    assert_eq!(
        (&asked[0].method, asked[0].headers.get(header::AUTHORIZATION).unwrap().to_str().unwrap()),
        (&Method::POST, "Bearer key")
    );
    assert_eq!(asked[0].headers.get_all(header::CONTENT_TYPE).iter().count(), 1);
    assert_eq!((&asked[1].method, asked[1].uri.query()), (&Method::GET, Some("to=%2B12035550123&m=a%20b")));
}

#[tokio::test]
async fn no_answer_but_the_right_one_counts_and_no_redirect_is_followed() {
    let (at, log) = server().await;
    let body = Some(("{to} {text}", "text/plain"));
    for path in ["answer/400", "answer/429", "answer/500", "redirect"] {
        let error = webhook(&format!("http://{at}/{path}"), Method::POST, body, "").send(&mobile("+12035550123"), "x").await;
        assert!(matches!(error, Err(TextError::Away(_))), "{path} {error:?}");
    }
    let other_words =
        webhook(&format!("http://{at}/answer/200"), Method::POST, body, "sent").send(&mobile("+12035550123"), "x").await;
    assert!(other_words.is_err());
    assert!(log.lock().unwrap().iter().all(|asked| asked.uri.path() != "/answer/200" || asked.method == Method::POST));
    assert_eq!(log.lock().unwrap().len(), 4, "one each, none repeated, none behind the redirect");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_does_not_answer_is_not_waited_for_long() {
    let (at, log) = server().await;
    let never = webhook(&format!("http://{at}/never?{{to}}{{text}}"), Method::POST, None, "");
    let number = mobile("+12035550123");
    let sent = tokio::time::timeout(Duration::from_secs(11), never.send(&number, "123456"));
    let error = sent.await.expect("an end").unwrap_err();
    assert!(matches!(&error, TextError::Away(cause) if !cause.contains("203555") && !cause.contains("123456")), "{error:?}");
    assert!(log.lock().unwrap().len() <= 1);
}

#[tokio::test]
async fn a_gateway_that_is_gone_is_an_error_and_no_panic() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = twilio(gone, "right-token").send(&mobile("+12035550123"), "123456").await.unwrap_err();
    assert!(matches!(&error, TextError::Away(cause) if !cause.contains("123456")), "{error:?}");
}
