//! `vestibule init`: from nothing to a gate that can serve, and the link that its first admin registers with.

mod answers;
mod certificate;
mod folder;
mod template;

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::desk::Desk;
use super::exit::{Failure, Outcome};
use super::output;
use super::user::Newcomer;
use super::user::create;
use crate::config::load;
use crate::keys::KeyRing;
use crate::store::{self, ServeLock};
use answers::Answers;
use folder::Folder;

/// Write a configuration, keys, a certificate and a database, and print the first admin's registration link
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  vestibule init --portal http://127.0.0.1:8081 --host portal.example.com --admin anna@example.com"
)]
pub(super) struct Args {
    /// Where the portal answers now: http://host:port, https://host:port or unix:PATH
    #[arg(long, value_name = "URL")]
    portal: Option<String>,
    /// The name that people will type, with or without https:// and port [default: localhost, port 8443]
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// A name of its own for the sign-in pages, out of reach of the portal's scripts [default: none, they are at the portal's]
    #[arg(long, value_name = "NAME")]
    pages: Option<String>,
    /// The first admin's login id: an e-mail address
    #[arg(long, value_name = "EMAIL")]
    admin: Option<String>,
    /// The folder to write into; made if there is none
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// A certificate to use instead of a development certificate: PEM, with its chain
    #[arg(long, value_name = "FILE", requires = "private_key")]
    certificate: Option<PathBuf>,
    /// Its private key: PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    private_key: Option<PathBuf>,
    /// Ask nothing
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(args: Args) -> Outcome {
    // Looked at first, so that nobody answers questions in vain.
    Folder::refuse_if_used(&args.dir)?;
    let answers = Answers::collect(&args)?;
    let mut folder = Folder::prepare(&args.dir, answers.certificate.is_none())?;
    write_files(&mut folder, &answers)?;
    let link = make_database(&mut folder, &answers).await?;
    output::line(&link)?;
    folder.keep();
    tell(&args.dir, &answers);
    Ok(())
}

fn write_files(folder: &mut Folder, answers: &Answers) -> Outcome {
    if answers.certificate.is_none() {
        let (chain, private_key) =
            certificate::development(&answers.host, answers.pages.as_ref().and_then(|url| url.host_str()))?;
        folder.write("certs/portal.pem", &chain, 0o644)?;
        folder.write("certs/portal.key", &private_key, 0o600)?;
    }
    let key: Zeroizing<String> = KeyRing::generate_file();
    folder.write("vestibule.key", &key, 0o600)?;
    folder.write("vestibule.toml", &template::write(answers), 0o644)
}

/// Reads what was just written, and nothing of the environment, which may be about another gate; makes the database that it
/// names and its first account.
async fn make_database(folder: &mut Folder, answers: &Answers) -> Result<String, Failure> {
    let config = load(&folder.path("vestibule.toml"), []).map_err(Failure::Config)?.config;
    folder.will_hold("vestibule.db");
    let _lock = forget_older(&folder.path("vestibule.db"))?;
    let store = store::open(&config.store.url, config.store.keys.clone(), true).await?;
    let desk = Desk::with(config, &store).await?;
    let admin = Newcomer { login: answers.admin.clone(), name: String::new(), groups: Vec::new(), admin: true, password: None };
    let made = create(&desk, admin, desk.clock.now(), "user.invite", false).await?;
    store.close().await?;
    made.map(|made| made.link).ok_or_else(|| Failure::Failed("the new database has accounts already".to_owned()))
}

/// A database that was here before has left its lock file, and in it how far it had come: the new one would be taken for an older
/// copy of it at the first start, and the admin's link be dead. The lock is held until the new one is made.
fn forget_older(database: &Path) -> Result<Option<ServeLock>, Failure> {
    if !ServeLock::is_beside(database) {
        return Ok(None);
    }
    let lock = ServeLock::take(database).and_then(|lock| lock.forget().map(|()| lock));
    lock.map(Some).map_err(|error| Failure::Failed(format!("{error}; nothing was written")))
}

fn tell(dir: &Path, answers: &Answers) {
    let here = dir == Path::new(".");
    let file = |name: &str| if here { name.to_owned() } else { dir.join(name).display().to_string() };
    let certificates = if answers.certificate.is_none() { ["certs/portal.pem", "certs/portal.key"].as_slice() } else { &[] };
    for name in ["vestibule.toml", "vestibule.key", "vestibule.db"].iter().chain(certificates) {
        output::note(&format!("wrote {}", file(name)));
    }
    if answers.certificate.is_none() {
        output::note("The certificate is for development: browsers will warn. Put a real one in its place before others use it.");
    }
    let command =
        if here { "vestibule serve".to_owned() } else { format!("vestibule serve --config {}", file("vestibule.toml")) };
    output::note(&format!("Next: run `{command}`, then open the printed link, which is for {}.", answers.admin));
}
