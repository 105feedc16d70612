//! `user invite --mail`: the link that is printed and the one that is mailed are one.

use crate::harness::process::{Served, command, result, run};
use crate::harness::{Gate, PostOffice, Setup, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_printed_and_mailed() {
    let (office, upstream) = (PostOffice::open().await, Upstream::start());
    let dir = Gate::start(Setup::new(&[upstream.addr()]).section("mail", &office.section())).await.close().await;
    // Nobody serves: the mail waits.
    let printed = result(dir.path(), &["user", "invite", "anna@example.com", "--name", "Anna Example", "--mail"]);
    assert_eq!(printed.lines().count(), 1, "{printed}");
    let silent = result(dir.path(), &["user", "invite", "bert@example.com"]);
    assert!(silent.contains("/.vestibule/register/"));
    let _served = Served::start(dir.path());
    let mail = office.expect(1).await.remove(0);
    assert_eq!(mail.to, "anna@example.com");
    assert_eq!(format!("https://portal.example.com{}", mail.link()), printed.trim());
    assert!(mail.part("text/plain").contains("Hello Anna Example,"));
    let again = result(dir.path(), &["user", "invite", "anna@example.com", "--mail"]);
    assert_ne!(again, printed);
    let mails = office.expect(2).await;
    assert_eq!(format!("https://portal.example.com{}", mails[1].link()), again.trim());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_cannot_be_asked_for_where_none_is_sent_and_config_check_tries_the_server() {
    let (mut office, upstream) = (PostOffice::open().await, Upstream::start());
    let dir = Gate::start(Setup::new(&[upstream.addr()])).await.close().await;
    let refused = run(dir.path(), &["user", "invite", "anna@example.com", "--mail"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no mail server is configured"), "{refused:?}");
    assert!(refused.stdout.is_empty() && result(dir.path(), &["user", "list", "--format", "json"]).trim() == "[]");

    Setup::new(&[upstream.addr()]).section("mail", &office.section()).write(dir.path());
    let check = || command(dir.path(), &["config", "check", "--connect"]).output().unwrap();
    let good = check();
    assert!(good.status.success() && String::from_utf8_lossy(&good.stderr).contains("mail server 127.0.0.1:"), "{good:?}");
    office.close().await;
    let away = check();
    assert_eq!(away.status.code(), Some(69));
    assert!(String::from_utf8_lossy(&away.stderr).contains("does not answer"), "{away:?}");
    let shown = result(dir.path(), &["config", "show"]);
    assert!(shown.contains("smtp+starttls://gate@") && !shown.contains("Canary-Of-The-Mail-Server"), "{shown}");
}
