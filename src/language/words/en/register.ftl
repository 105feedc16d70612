# Registration: the first password.
register-title = Welcome
register-welcome = Welcome, { $name }
register-lead = You have been invited to <strong>{ $portal }</strong>. Choose a password to finish your registration.
register-login = Username
register-password = Desired password
register-password-again = Desired password, again
register-submit = Finish registration
register-same = The two passwords match.
register-other = The two passwords do not match yet.
register-mismatch = The two passwords are not the same.
    .text = Enter your new password twice, the same both times.

password-needs = A password needs:
password-lower = a lower case letter (a–z)
password-upper = an upper case letter (A–Z)
password-digit = a digit (0–9)
password-special = a special character (such as ! # $ %)
password-length = { $number ->
    [one] at least { $number } character
   *[other] at least { $number } characters
}
password-done = (done)
password-missing = (still missing)
password-passphrase = From { $number } characters on, any mixture will do: a few words that nobody would guess are fine.
password-weak = Please choose another password.
    .text = What is marked in the list below is still missing.
password-common = It is too close to one of the most used passwords, and those are tried first.
password-guessable = It follows a pattern that is quickly guessed. Unrelated words or a random password are better.
password-contains-login = It contains your username.
password-too-long = It is longer than we can take.
password-forbidden = It contains a character that cannot be typed everywhere, for example a tab.

registered-title = Registration finished
registered-lead = Your password is set. You can close this page, or go on now.
registered-login = Your username
registered-address = Sign in at any time at
registered-next = When you first log in you will set up an authenticator app. Have your phone at hand, and do it by { $date }, in this browser or with the link you were sent.
