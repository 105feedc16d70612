# A forgotten password, from the question to the new one; and "This was not me" in mails.
forgot-link = Forgot your password?
forgot-title = Forgot your password?
forgot-lead = Enter the e-mail address you sign in with. If it belongs to an account, we send you a link to set a new password.
forgot-login = E-mail address
forgot-submit = Send the link
forgot-back = Back to sign in
forgot-late = Please wait a little.
    .text = Too many links were asked for from your network. You can try again { $wait }.
forgot-sent-title = Look into your mailbox
forgot-sent = If an account has the address <strong>{ $login }</strong>, a mail is on its way.
forgot-sent-next = The link in it works for 30 minutes. If nothing comes, check the address and the folder for unwanted mail, and try again in a few minutes.
forgot-ask-title = A new password
forgot-ask = This site sends no mail. Ask the people who run { $brand } for a new password.

reset-title = Set a new password
reset-lead = Choose a new password for your account.
reset-ends = You will be signed out everywhere. Your authenticator app stays as it is.
reset-login = Username
reset-password = New password
reset-password-again = New password, again
reset-submit = Set the new password
reset-done-title = Your new password is set
reset-done = You are signed out everywhere. You can close this page, or sign in now, with the new password and a code from your app.
reset-gone-title = This link no longer works
reset-gone = It has expired, has been used, or was replaced by a newer one.
reset-gone-again = Ask for a new link

not-me-title = Was it not you?
not-me-lead = You can freeze the account <strong>{ $login }</strong>. Everybody is signed out at once, and nobody can sign in any more, not even you, until the people who run { $brand } have let you in again.
not-me-submit = Freeze my account
not-me-stay = If it was you, close this page. Nothing has changed.
not-me-done-title = Your account is frozen
not-me-done = Nobody is signed in any more. Now tell the people who run { $brand } what has happened; they can let you in again.
not-me-gone-title = This link no longer works
not-me-gone = It has expired or has been used. If you think that somebody else is in your account, tell the people who run { $brand }.
