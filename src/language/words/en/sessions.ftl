# Where you are signed in, and which browsers are known.
sessions-title = Sessions and browsers
sessions-what = See where you are signed in, and sign out everywhere
sessions-signed-in = Where you are signed in
sessions-here = This browser
sessions-since = From { $client }, since { $date }.
sessions-portal-since = In { $portal }, from { $client }, since { $date }.
sessions-seen = Last seen { $ago }.
sessions-seen-now = In use now.
sessions-left = Next code { $left }.
sessions-passed = Waits for a code.
sessions-end = End
sessions-end-this = End the session in { $browser } from { $client }
sessions-end-others = End all other sessions
sessions-browsers = Known browsers
sessions-browsers-what = You have signed in fully in these before. If somebody tries to guess their way into your account, you can go on in them.
sessions-browsers-none = No browser is known.
sessions-known = Known since { $date }, last signed in { $ago }.
sessions-forget = Forget
sessions-forget-this = Forget { $browser }, known since { $date }
sessions-everywhere = Sign out everywhere
sessions-everywhere-what = Ends all sessions, this one too, and forgets all browsers. Your password and your app stay as they are.
sessions-stale = This page was open for a while.
    .text = Nothing was changed. Look at it again, and press the button once more.
sessions-ended = That session has ended.
sessions-others-ended = All other sessions have ended.
sessions-forgotten = That browser is forgotten.
sessions-over = There was nothing left to end: it was over already.
sessions-signed-out = You are signed out everywhere, and no browser is known any more.
sessions-browser-on = { $browser } on { $system }
sessions-browser-only = { $browser }
sessions-browser-some = A browser on { $system }
sessions-browser-none = An unnamed browser
sessions-just-now = just now
sessions-minutes-ago = { $number ->
    [one] { $number } minute ago
   *[other] { $number } minutes ago
}
sessions-hours-ago = { $number ->
    [one] { $number } hour ago
   *[other] { $number } hours ago
}
sessions-days-ago = { $number ->
    [one] { $number } day ago
   *[other] { $number } days ago
}
