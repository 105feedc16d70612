//! The authenticator apps that the set-up page names: where to get them, and how to add an account in each.

/// One app.
#[derive(Clone, Copy, Debug)]
pub struct App {
    /// Its name.
    pub name: &'static str,
    /// Marked as recommended.
    pub recommended: bool,
    /// Its page in Apple's store; empty: none in particular.
    pub apple: &'static str,
    /// Its page in Google's store.
    pub google: &'static str,
    /// How to add an account.
    pub lines: [&'static str; 3],
}

/// All, in the order of the page. The recommended one needs no account of its own and asks for nothing.
pub static ALL: [App; 5] = [
    App {
        name: "Google Authenticator",
        recommended: true,
        apple: "https://apps.apple.com/app/google-authenticator/id388497605",
        google: "https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2",
        lines: ["Open the app and tap the plus sign.", "Choose “Scan a QR code”.", "Point the camera at the picture in step 2."],
    },
    App {
        name: "Microsoft Authenticator",
        recommended: false,
        apple: "https://apps.apple.com/app/microsoft-authenticator/id983156458",
        google: "https://play.google.com/store/apps/details?id=com.azure.authenticator",
        lines: [
            "Open the app and tap the plus sign, or “Add account”.",
            "Choose “Other account”; “Work or school account” works as well.",
            "Allow the camera and point it at the picture in step 2.",
        ],
    },
    App {
        name: "Authy",
        recommended: false,
        apple: "https://apps.apple.com/app/twilio-authy/id494168017",
        google: "https://play.google.com/store/apps/details?id=com.authy.authy",
        lines: [
            "Open the app and tap “Add account”.",
            "Tap “Scan QR code” and allow the camera.",
            "Point it at the picture in step 2, then save.",
        ],
    },
    App {
        name: "LastPass Authenticator",
        recommended: false,
        apple: "https://apps.apple.com/app/lastpass-authenticator/id1079110004",
        google: "https://play.google.com/store/apps/details?id=com.lastpass.authenticator",
        lines: ["Open the app and tap the plus sign.", "Tap “Scan barcode”.", "Point the camera at the picture in step 2."],
    },
    App {
        name: "Any other app",
        recommended: false,
        apple: "",
        google: "",
        lines: [
            "Any app that shows time-based six-digit codes works; password managers often do too.",
            "Look for “Add account” or “One-time code”.",
            "Scan the picture in step 2, or enter the key by hand.",
        ],
    },
];
