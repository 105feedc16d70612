//! What every page has to be: guarded by its headers, without inline style or script, labelled, and escaped.

use http::StatusCode;

use super::browser::{Answer, Browser, PASSWORD};
use vestibule::auth::credentials::LinkKind;

const HOSTILE: &str = "<script>alert(1)</script>\"'&{{x}}";

/// Every page that somebody with this name can meet, right and wrong input.
async fn all(name: &str) -> Vec<(String, Answer)> {
    let mut pages = Vec::new();
    let mut anna = Browser::invited(name);
    let mut keep = |what: &str, answer: Answer| pages.push((what.to_owned(), answer));
    for why in ["", "?why=ended", "?why=expired", "?why=signed-out", "?why=recovery", "?to=%2Ft%22%3E%3Cscript%3E"] {
        keep(&format!("login{why}"), anna.get(&format!("/.vestibule/login{why}")).await);
    }
    keep("login wrong", anna.post("/.vestibule/login", &[("login", HOSTILE), ("password", "x"), ("to", HOSTILE)]).await);
    keep("new link", anna.get("/.vestibule/register").await);
    anna.get(&format!("/.vestibule/register/{}", anna.link.reveal())).await;
    keep("register", anna.get("/.vestibule/register").await);
    keep("register weak", anna.post("/.vestibule/register", &[("new_password", "a"), ("new_password_again", "a")]).await);
    keep("register differs", anna.post("/.vestibule/register", &[("new_password", "a"), ("new_password_again", "b")]).await);
    let both = [("new_password", PASSWORD), ("new_password_again", PASSWORD)];
    keep("registered", anna.post("/.vestibule/register", &both).await);
    anna.log_in("/t?<b>\"").await;
    keep("setup start", anna.get("/.vestibule/setup").await);
    keep("setup", anna.post("/.vestibule/setup", &[]).await);
    keep("setup wrong", anna.post("/.vestibule/setup", &[("code", HOSTILE)]).await);
    anna.post("/.vestibule/setup", &[("code", &anna.code())]).await;
    keep("codes", anna.get("/.vestibule/setup/codes").await);
    keep("link done", anna.get(&format!("/.vestibule/register/{}", anna.link.reveal())).await);
    keep("codes not saved", anna.post("/.vestibule/setup/codes", &[("act", "next")]).await);
    keep("codes shown", anna.post("/.vestibule/setup/codes", &[("act", "show")]).await);
    anna.post("/.vestibule/setup/codes", &[("act", "next"), ("saved", "yes")]).await;
    keep("verify", anna.get("/.vestibule/verify").await);
    keep("verify wrong", anna.post("/.vestibule/verify", &[("code", &anna.wrong_code())]).await);
    keep("recover", anna.get("/.vestibule/recover").await);
    keep("recover wrong", anna.post("/.vestibule/recover", &[("code", HOSTILE)]).await);
    anna.store.state().account.locked_at = Some(anna.now.secure);
    keep("locked", anna.get("/.vestibule/verify").await);
    anna.store.state().account.locked_at = None;
    anna.wait(30);
    anna.post("/.vestibule/verify", &[("code", &anna.code())]).await;
    keep("account", anna.get("/.vestibule/account").await);
    keep("sessions", anna.get("/.vestibule/account/sessions").await);
    for page in ["password", "mfa", "codes"] {
        let path = format!("/.vestibule/account/{page}");
        let shown = anna.get(&path).await;
        let token = shown.token(&path);
        keep(&format!("account {page}"), shown);
        let new = ("new_password", "Gull-Teapot-47-Lantern");
        let fields = [("form_token", token.as_str()), ("code", HOSTILE), new, ("new_password_again", new.1)];
        keep(&format!("account {page} wrong"), anna.post(&path, &fields).await);
    }
    keep("logout", anna.get("/.vestibule/logout").await);
    keep("confirm early", anna.get("/.vestibule/verify").await);
    anna.wait(3600);
    keep("confirm", anna.get("/.vestibule/verify?to=%2Ft%22%3E%3Cscript%3E").await);
    keep("not found", anna.get("/.vestibule/%3Cscript%3E").await);
    let mut bert = Browser::with_link(name, LinkKind::Enrolment);
    bert.get(&format!("/.vestibule/enrol/{}", bert.link.reveal())).await;
    bert.post("/.vestibule/register", &both).await;
    keep("enrol", bert.get("/.vestibule/enrol").await);
    pages
}

#[tokio::test]
async fn every_page_is_guarded_by_its_headers() {
    for (what, page) in all("Anna").await {
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8", "{what}");
        assert_eq!(page.headers["cache-control"], "no-store", "{what}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        for part in
            ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "require-trusted-types-for"]
        {
            assert!(policy.contains(part), "{what}: {part}");
        }
        assert!(!policy.contains("unsafe"), "{what}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", if what == "link done" { "no-referrer" } else { "same-origin" }),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-request-id", "req-1"),
        ] {
            assert_eq!(page.headers[name], value, "{what}: {name}");
        }
        assert_eq!(page.headers.contains_key("clear-site-data"), what.starts_with("login") && what != "login wrong", "{what}");
    }
}

#[tokio::test]
async fn no_page_has_style_or_script_of_its_own() {
    for (what, page) in all("Anna").await {
        let text = page.text.to_lowercase();
        assert_eq!(text.matches("<script").count(), 1, "{what}");
        assert!(text.contains("<script src=\"/.vestibule/assets/script-"), "{what}");
        for forbidden in ["<style", " style=", " onclick=", " onload=", " onsubmit=", "javascript:", "http://"] {
            assert!(!text.contains(forbidden), "{what}: {forbidden}");
        }
        for (at, _) in text.match_indices("https://") {
            let link = &text[at..text.len().min(at + 60)];
            let known = ["https://apps.apple.com/", "https://play.google.com/", "https://portal.example.com/.vestibule/"];
            assert!(known.iter().any(|start| link.starts_with(start)), "{what}: {link}");
        }
    }
}

#[tokio::test]
async fn every_input_has_a_label_and_every_reference_leads_somewhere() {
    for (what, page) in all("Anna").await {
        for input in page.text.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap()) {
            if input.contains("type=\"hidden\"") {
                continue;
            }
            let id = attribute(input, "id").unwrap_or_else(|| panic!("{what}: no id: {input}"));
            assert_eq!(page.text.matches(&format!("<label for=\"{id}\"")).count(), 1, "{what}: {id}");
            let (name, type_) = (attribute(input, "name").unwrap_or_default(), attribute(input, "type").unwrap_or_default());
            if type_ != "checkbox" {
                assert_eq!(attribute(input, "autocomplete"), Some(completed_by(&what, name)), "{what}: {id}");
            }
        }
        for name in ["aria-describedby", "aria-labelledby"] {
            for rest in page.text.split(&format!("{name}=\"")).skip(1) {
                for id in rest.split('"').next().unwrap().split(' ') {
                    assert_eq!(page.text.matches(&format!(" id=\"{id}\"")).count(), 1, "{what}: {name} {id}");
                }
            }
        }
        assert_eq!(page.text.matches("<h1").count(), 1, "{what}");
        assert!(page.text.matches("class=\"main\"").count() <= 1, "{what}: one main button");
        if what.contains("wrong") || what.contains("weak") || what.contains("differs") || what.contains("not saved") {
            assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY, "{what}");
            assert!(page.text.contains("role=\"alert\"") && page.text.contains("aria-invalid=\"true\""), "{what}");
        }
    }
}

/// What password managers and phones put into a field of this name (HTML, section 4.10.18.7).
fn completed_by(page: &str, name: &str) -> &'static str {
    match name {
        // A recovery code is on paper.
        "code" if page.starts_with("recover") => "off",
        "login" => "username",
        "password" => "current-password",
        "new_password" | "new_password_again" => "new-password",
        "code" => "one-time-code",
        "mobile" => "tel",
        _ => "off",
    }
}

#[tokio::test]
async fn hostile_names_and_input_are_shown_as_text() {
    for (what, page) in all(HOSTILE).await {
        let text = page.text.replace("<script src=\"/.vestibule/assets/", "");
        assert!(!text.contains("<script"), "{what}");
        assert!(!text.contains("alert(1)</script>"), "{what}");
        assert!(!text.contains("\"'&"), "{what}");
        assert!(!text.contains("<203-555-0100>"), "{what}");
    }
}

#[tokio::test]
async fn assets_are_kept_forever_and_known_by_their_media_type() {
    let mut anna = Browser::invited("Anna");
    let page = anna.get("/.vestibule/login").await;
    let mut seen = 0;
    for rest in page.text.split("\"/.vestibule/assets/").skip(1) {
        let name = rest.split('"').next().unwrap();
        let asset = anna
            .send(
                http::Method::GET,
                &format!("/.vestibule/assets/{name}"),
                &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "style")],
                &[],
            )
            .await;
        assert_eq!(
            (asset.status, asset.headers["cache-control"].to_str().unwrap()),
            (StatusCode::OK, "public, max-age=31536000, immutable")
        );
        let media = asset.headers["content-type"].to_str().unwrap();
        assert!(media.starts_with(if name.contains(".js") { "text/javascript" } else { "text/css" }), "{name}: {media}");
        seen += 1;
    }
    assert_eq!(seen, 3);
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}
