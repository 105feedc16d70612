//! The main job: from an invitation to the portal.

use http::StatusCode;

use crate::harness::{Gate, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn from_an_invitation_to_the_portal() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut browser = gate.browser();
    assert_eq!(browser.get("/start?x=1").await.location(), "/.vestibule/login?to=/start%3Fx%3D1");
    let mut anna = gate.signed_in("anna@example.com").await;
    let page = anna.browser.get("/start?x=1").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let received = upstream.last();
    assert_eq!(received.line(), "GET /start?x=1 HTTP/1.1");
    assert_eq!(received.all("x-forwarded-user"), ["anna@example.com"]);
    assert_eq!(received.all("cookie"), Vec::<&str>::new());
    assert_eq!(upstream.count(), 1, "nothing else ever reached the upstream");
}
