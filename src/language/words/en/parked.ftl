# What waits until a code is entered.
parked-title = Send what you wrote?
parked-lead = You sent this to { $portal } when a new code was needed. It was kept and <strong>has not been sent yet</strong>.
parked-nothing = Nothing waits
parked-nothing-lead = There is nothing of yours here that was not sent. Forms are kept for a few minutes only; your browser’s back button may still have yours.
parked-form = Form
parked-size = Size
parked-when = When
parked-kept = It is forgotten { $left }.
parked-send = Send it now
parked-discard = Discard
parked-took = It was sent { $ago }, and the portal took it.
parked-error = It was sent { $ago }, but the portal answered with an error ({ $status }). It is not sent again.
parked-unknown = It was sent { $ago }, but no answer of the portal came back. Look in the portal whether it arrived. It is not sent again.
parked-discarded = You discarded it { $ago }. It was not sent.
parked-back = Go back to { $portal }
parked-back-unsent = Go back to { $portal } without sending
parked-stale = This page was open for a while.
    .text = Nothing was sent or discarded. Please choose again.
parked-ago = { $minutes ->
    [0] less than a minute ago
    [one] { $minutes } minute ago
   *[other] { $minutes } minutes ago
}

# What cannot be kept
parked-too-large = What you sent is too large to keep
    .text = You need a new code before it can go on, and it was not kept. Nothing was sent. Your browser’s back button may still have the form. Enter your code in another tab, then go back and send it again.
parked-share = Two forms of yours are waiting already
    .text = You need a new code before this one can go on, and it was not kept. Nothing was sent. Your browser’s back button may still have this form. Enter your code in another tab, send or discard what waits, then go back and send this again.
parked-away = What you sent could not be kept
    .text = You need a new code before it can go on, and we cannot keep it right now. Nothing was sent. Your browser’s back button may still have the form. Wait a minute, then go back and send it again.
parked-broken = What you sent did not arrive in one piece
    .text = Nothing was sent on. Your browser’s back button may still have the form: go back and send it again.
parked-not-now = It could not be sent just now
    .text = We cannot reach our records. Go back in a minute: the page of what waits says whether it still does.

# A window that a page of the portal has opened
popup-title = Your code was accepted
popup-lead = Close this window and go on in the one that you came from.
popup-afterwards = Afterwards you go on in the window that you came from.
