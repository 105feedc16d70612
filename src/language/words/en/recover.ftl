# Recovery by recovery code.
recover-title = Recover your account
recover-lead = Use this if your phone is lost, broken or replaced. You saved ten recovery codes when you set up your app; enter one of them.
recover-lead-due = Your account was locked and has been unlocked. To sign in from a browser that you have not used before, use a recovery code: a code from the app is not enough here. You saved ten recovery codes when you set up your app; enter one of them.
recover-half-way = Your password was right. Your account was recovered, but no new authenticator app was set up in time, or not in this browser. The old app and all recovery codes no longer work.
recover-half-way-ask = No recovery mobile, or nothing comes? Ask the people who run { $brand } for a new link.
recover-warning = <strong>Your old authenticator app will stop working for this account.</strong> So will your other recovery codes, and you will be signed out everywhere. Right after this you set up an app again.
recover-code = Recovery code
recover-hint = It looks like <code>{ $example }</code>.
recover-submit = Start recovery
recover-known-browser = You can also go on in a browser in which you have signed in before. It still works.
recover-found = Found your phone?
recover-found-link = Enter a code from the app
recover-no-code = No recovery code either? Then only the people who run { $brand } can help you.
recover-due = Please use a recovery code.
    .text = Here, a code from the app is not enough. This try was not counted.
recover-malformed = That is not a recovery code.
    .text = A recovery code has sixteen letters and digits in groups of four. This try was not counted.
recover-wrong = That recovery code was not right.
    .text = { $left ->
        [one] Check that you have not used it before, and that it is from your newest set. You have one more try left.
       *[other] Check that you have not used it before, and that it is from your newest set. You have { $left } tries left.
    }
