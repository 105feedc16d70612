# Setting up an authenticator app, and the recovery codes.
steps = Steps
step-app = App
step-scan = Scan
step-confirm = Confirm
step-save = Save codes
step-last = Finish

enrol-title = Set up your authenticator app
enrol-hello = Hello
enrol-hello-name = Hello, { $name }
enrol-lead = This link lets you set up an authenticator app for <strong>{ $login }</strong>.
enrol-step-password = Log in with the password you already have.
enrol-step-scan = Scan a QR code with your phone.
enrol-step-codes = Keep your new recovery codes.
enrol-until = Stay in this browser until you have finished, by { $date } at the latest.

new-link-title = A new link is needed
new-link-headline = You need a new link
new-link-gone = This link has expired, has been used, or was replaced by a newer one.
new-link-missing = This browser does not hold a registration link, or it has expired.
new-link-needed = Your password was right, but no authenticator app is set up for your account yet, and this browser does not hold the link that allows it.
new-link-half-way = Your password was right. Your account was recovered, but no new authenticator app was set up in time, or not in this browser. The old app and all recovery codes no longer work.
new-link-what-next = What to do next
new-link-ask = Ask the people who run { $brand } for a new link. Open it in the browser you want to sign in with.
new-link-why = A password alone never sets up an authenticator app. That way nobody who has learnt your password can put their own phone in place of yours.
new-link-back = Back to sign in

setup-start-title = Set up multi‑factor authentication
setup-start-why = { $brand } asks for a six-digit code from your phone as well as your password. A password can be guessed or stolen; your phone stays with you.
setup-start-time = Setting it up takes about two minutes. You need your phone.
setup-start-submit = Setup MFA and access your account
setup-start-mfa = Multi-factor authentication (MFA) means: something you know, and something you have.

setup-title = Set up your authenticator app
setup-app = Get an app
setup-app-lead = If your phone has one of these already, go on to step 2.
setup-recommended = Recommended
setup-for-iphone = { $app } for iPhone
setup-for-android = { $app } for Android
setup-how = How to add an account
setup-how-in = in { $app }
setup-other-app = Any other app
setup-scan = Scan this QR code
setup-scan-lead = In the app, add an account and point the camera at this picture.
setup-qr = QR code for your authenticator app. Below it stands the same key as text.
setup-on-phone = Open in an app on this device
setup-by-hand = Or enter this key by hand
setup-account = Account: { $login }. Kind: time based, six digits.
setup-code = Enter the code you see
setup-code-lead = The app now shows a six-digit code for { $issuer }. Nothing is enabled until you have entered one that is right.
setup-submit = Enable multi-factor authentication
setup-begin-again = The QR code has expired.
    .text = Here is a new one. Remove the old entry from your app and scan this one instead.

app-plus = Open the app and tap the plus sign.
app-plus-or-add = Open the app and tap the plus sign, or “Add account”.
app-add = Open the app and tap “Add account”.
app-scan-qr = Choose “Scan a QR code”.
app-other-account = Choose “Other account”; “Work or school account” works as well.
app-authy-scan = Tap “Scan QR code” and allow the camera.
app-barcode = Tap “Scan barcode”.
app-point = Point the camera at the picture in step 2.
app-allow-point = Allow the camera and point it at the picture in step 2.
app-point-save = Point it at the picture in step 2, then save.
app-any = Any app that shows time-based six-digit codes works; password managers often do too.
app-look-for = Look for “Add account” or “One-time code”.
app-scan-or-key = Scan the picture in step 2, or enter the key by hand.

codes-title = Save your recovery codes
codes-of = Recovery codes of { $login } for { $portal }
codes-paper = Each works once, in place of your phone. Keep this sheet where nobody else finds it.
codes-lead = Your authenticator app is set up. If your phone is ever lost, broken or replaced, a recovery code lets you in.
codes-warning = <strong>Keep them somewhere safe, and not only on your phone.</strong> Without your phone and without a recovery code you cannot get back in by yourself. Each code works once. Anybody who has one and knows your password can take your phone’s place.
codes-download = Download recovery codes
codes-show = Show them on this page
codes-saved = I have saved them
codes-next = Next
codes-not-saved = Your recovery codes are not saved yet.
    .text = Download them, or show them on this page and tick the box once you have saved them.

# The file to keep
codes-file-title = Recovery codes
codes-file-for = For: { $brand }
codes-file-login = Account: { $login }
codes-file-made = Made: { $date }
codes-file-lead = Each of these codes lets you in once if you lose your authenticator app:
codes-file-warning = Whoever has one of them and your password can take over your account.
codes-file-keep = Print this page or keep it in a password manager, not on the phone that shows your codes, and do not send it to anybody. A newer set replaces this one.
