//! The authenticator apps that the set-up page names: where to get them, and how to add an account in each.

use crate::language::{Message, say};

/// One app.
#[derive(Clone, Debug)]
pub struct App {
    /// Its name; empty: any other.
    pub name: &'static str,
    /// Marked as recommended.
    pub recommended: bool,
    /// Its page in Apple's store; empty: none in particular.
    pub apple: &'static str,
    /// Its page in Google's store.
    pub google: &'static str,
    /// How to add an account.
    pub lines: [Message; 3],
}

/// All, in the order of the page. The recommended one needs no account of its own and asks for nothing.
pub static ALL: [App; 5] = [
    App {
        name: "Google Authenticator",
        recommended: true,
        apple: "https://apps.apple.com/app/google-authenticator/id388497605",
        google: "https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2",
        lines: [say("app-plus"), say("app-scan-qr"), say("app-point")],
    },
    App {
        name: "Microsoft Authenticator",
        recommended: false,
        apple: "https://apps.apple.com/app/microsoft-authenticator/id983156458",
        google: "https://play.google.com/store/apps/details?id=com.azure.authenticator",
        lines: [say("app-plus-or-add"), say("app-other-account"), say("app-allow-point")],
    },
    App {
        name: "Authy",
        recommended: false,
        apple: "https://apps.apple.com/app/twilio-authy/id494168017",
        google: "https://play.google.com/store/apps/details?id=com.authy.authy",
        lines: [say("app-add"), say("app-authy-scan"), say("app-point-save")],
    },
    App {
        name: "LastPass Authenticator",
        recommended: false,
        apple: "https://apps.apple.com/app/lastpass-authenticator/id1079110004",
        google: "https://play.google.com/store/apps/details?id=com.lastpass.authenticator",
        lines: [say("app-plus"), say("app-barcode"), say("app-point")],
    },
    App {
        name: "",
        recommended: false,
        apple: "",
        google: "",
        lines: [say("app-any"), say("app-look-for"), say("app-scan-or-key")],
    },
];
