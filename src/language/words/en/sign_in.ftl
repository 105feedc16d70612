# Page one, page two, the confirm page, sign-out.
sign-in-title = Sign in
sign-in-login = E-mail address
sign-in-password = Password
sign-in-next = After your password you will be asked for the six‑digit code from your authenticator app.
sign-in-ended = Your session has ended. Please sign in again.
sign-in-expired = That took a while, so we ask for your password again.
sign-in-signed-out = You are signed out. On a shared computer, close the browser as well.
sign-in-recovery = Recovery begins with your password. On the next page, choose Start recovery.
sign-in-password-set = You have a password already. Sign in with it to go on.
sign-in-refused = You could not be signed in.
    .text = The e-mail address or the password is not right. Check both and try again.
sign-in-slow-down = Please wait a little.
    .text = There were too many failed tries. You can try again { $wait }.

code-label = Code
code-label-long = Six-digit code
code-malformed = That is not a six-digit code.
    .text = Enter the six digits that your app shows now. This try was not counted.
code-wrong = That code was not right.
    .text = { $left ->
        [one] Check that it is the code for this account, and that your phone’s clock is set automatically. You have one more try left.
       *[other] Check that it is the code for this account, and that your phone’s clock is set automatically. You have { $left } tries left.
    }
code-used = Please wait for the next code.
    .text = Each code works once, and you have used this one to get here. Your app shows the next one { $wait }.
code-slow-down = Please wait a little.
    .text = There were too many wrong codes from your network. You can try again { $wait }.
code-stale = This page was open for a while.
    .text = To be safe, please enter the code your app shows now.

verify-title = Enter your code
verify-lead = Open the authenticator app on your phone and enter the six-digit code it shows for this account.
verify-submit = Submit OTP code
verify-enrolled-title = One last code
verify-enrolled-lead = Open your authenticator app once more. When it shows a new code, enter it here: this proves that the app works, and lets you in.
verify-enrolled-submit = Verify
verify-shared = This is a shared computer
    .text = You are signed out when the browser is closed.
verify-trouble = Having trouble accessing your account?
verify-start-recovery = Start recovery

confirm-title = Confirm it is you
confirm-why = Your organisation asks for a new code <strong>{ $every }</strong>.
confirm-early = Yours is still good; you can enter a new one early and start the time again.
confirm-late = You are still signed in as { $login }, and nothing you did is lost.
confirm-submit = Verify
confirm-app = Open the authenticator app on your phone to see your code.
confirm-to-start = Afterwards you go on to the start page of { $portal }.
confirm-to-place = Afterwards you go on to <span class="path">{ $place }</span>.

locked-title = Account locked
locked-headline = Your account is locked in this browser
locked-why = There were too many wrong codes for { $login } from browsers that you have not used before. To keep your account safe, new browsers cannot sign in for now.
locked-what-to-do = What you can do
locked-known-browser = Go on in a browser in which you have signed in before. It still works.
locked-ask = Or ask the people who run { $brand } to unlock your account. Only they can: it cannot be done from this page.
locked-operator = For them: <code>vestibule user unlock</code> with your login id. If you have lost your phone as well, keep a recovery code ready, or tell them.

sign-out-title = Sign out
sign-out-ask = Sign out?
sign-out-what = You are signed in to { $portal } as <strong>{ $login }</strong>. What you have not saved there may be lost.
sign-out-stay = Stay signed in
sign-out-stale = You are still signed in.
    .text = This page was open for a while. Press the button again to sign out.

# On the way to another host
handoff-title = Signed in
handoff-lead = You are going on to { $portal }.
handoff-go = Go on to { $portal }
