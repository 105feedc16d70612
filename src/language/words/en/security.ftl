# What you can change about your own account: password, authenticator, recovery codes.
security-title = Your security
security-back = Back to your account
security-entered = Last code entered
security-confirm-back = Afterwards you come back to your account.
security-code = Six-digit code from your app
security-stale = This page was open for a while.
    .text = Nothing was changed. To be safe, please fill it in once more.
security-crowded = That was too much at once.
    .text = Nothing was changed by this form. Please try again in a few seconds.
security-wrong-password = That password was not right.
    .text = { $left ->
        [one] Enter the password you sign in with. Your code was not used up. You have one more try left.
       *[other] Enter the password you sign in with. Your code was not used up. You have { $left } tries left.
    }

security-password = Password
security-password-what = Change the password you sign in with
security-password-title = Change your password
security-password-lead = You stay signed in here. Your other sessions end, and your other browsers are no longer known.
security-current-password = Current password
security-new-password = New password
security-new-password-again = New password, again
security-password-submit = Change password
security-password-same = That is the password you have now.
    .text = Choose one that you have not used here before.
security-password-done = Your password is changed. You are still signed in here, and nowhere else.

security-mfa = Authenticator app
security-mfa-what = Replace it, for example for a new phone
security-mfa-title = Replace your authenticator app
security-mfa-lead = For a new phone or another app. You need the old one once more: enter your password and the code it shows now. Next, you scan a new QR code.
security-old-code = Six-digit code from the old app
security-mfa-start = Show the new QR code
security-mfa-then = The old app works until a code of the new one has been accepted. Then your other sessions end, your other browsers are no longer known, and you get new recovery codes.
security-mfa-lost = You no longer have the old app? Sign out, log in with your password, and choose Start recovery. You need a recovery code for it.
security-mfa-code-lead = The app now shows a six-digit code for { $issuer }. Until you have entered one that is right, your old app goes on working.
security-mfa-submit = Replace authenticator app
security-mfa-keep = Keep the old one
security-mfa-begin-again = That QR code is no longer valid.
    .text = To replace your authenticator app, begin again here.

security-codes = Recovery codes
security-codes-what = Get new ones for when your phone is lost
security-codes-title = New recovery codes
security-codes-lead = If your phone is ever lost, broken or replaced, a recovery code lets you in. Get new ones if you have used some, lost them, or think that somebody has seen them.
security-codes-warning = <strong>Your old recovery codes stop working at once.</strong> Your other sessions end, and your other browsers are no longer known.
security-codes-submit = Get new recovery codes
security-codes-made = You have new recovery codes; the old ones no longer work. If your phone is ever lost, broken or replaced, one of them lets you in.
security-codes-unsaved = You have a new set that is not saved yet.
security-codes-save = Save it now
security-codes-done = Your new recovery codes are saved. The old ones no longer work.
