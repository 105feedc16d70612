# Mails. Subjects and texts are plain text; a button leads to the link.
mail-hello = Hello,
mail-hello-name = Hello { $name },
mail-sign-in-at = You sign in at { $address }
mail-foot = { $brand } sent this message by itself, because it concerns your account. Nobody reads answers to it.
mail-fact = { $name }: { $value }
mail-when = When
mail-waits-until = Waits until
mail-where = Network address
mail-browser = Browser
mail-browser-on = { $browser } on { $system }
mail-browser-unknown = not known

mail-invitation = Your invitation to { $brand }
    .text = You have been invited to { $brand }. Choose a password to finish your registration.
mail-invitation-link = Finish registration
    .text = The link works until { $until }, or until you have set everything up.
mail-invitation-next = When you first sign in you set up an authenticator app, so have your phone at hand.

mail-enrolment = Set up your authenticator app for { $brand }
    .text = { $brand } asks for a code from an authenticator app. With this link you can set one up.
mail-enrolment-link = Set up the app
    .text = The link works once, until { $until }. You need your password, too.
mail-enrolment-next = Open it in the browser you want to sign in with, and have your phone at hand.

mail-reset = Set a new password for { $brand }
    .text = Somebody asked for a new password for your account. If that was you, open this link.
mail-reset-link = Set a new password
    .text = The link works once, until { $until }.
mail-reset-next = If it was not you, do nothing. Your password stays as it is.

mail-new-sign-in = New sign-in to { $brand }
    .text = Somebody signed in to your account with your password and a code, in a browser that you have not used before.
mail-password-changed = Your password for { $brand } was changed
    .text = The password of your account was changed.
mail-authenticator-replaced = Another authenticator app for { $brand }
    .text = Another authenticator app was set up for your account. The one before no longer works.
mail-authenticator-reset = Your authenticator app for { $brand } was removed
    .text = The people who run it have removed the authenticator app from your account, so that a new one can be set up.
mail-recovery-used = Your account at { $brand } was recovered
    .text = A recovery code was used for your account, or a texted code with a mailed link. Your authenticator app and all recovery codes no longer work.
mail-mobile-changed = Another recovery mobile for { $brand }
    .text = The recovery mobile of your account was changed.
mail-locked = Your account at { $brand } is locked for new browsers
    .text = There were too many wrong codes for your account from browsers that you have not used before. New browsers cannot sign in for now.
mail-locked-known = Browsers in which you have signed in before still work.
mail-locked-next = Whoever tried knows your password. If that was not you, choose another password, and ask the people who run it to unlock your account.

mail-it-was-me = If that was you, there is nothing to do.
mail-not-me = This was not me
    .text = If it was not you, open the link and freeze your account: nobody is in then, and nobody gets in, until the people who run it have let you in again. The link works once, until { $until }.

mail-act-waits = { $brand }: an admin act takes effect in 24 hours
    .text = An admin has asked for something that takes effect in 24 hours.
mail-act-waits-next = What it is stands on the overview of the admin pages. If it should not happen, any admin can cancel it there until then.
mail-codes-renewed = New recovery codes for { $brand }
    .text = New recovery codes were made for your account. The ones before no longer work.
