# Registrierung: das erste Passwort.
register-title = Willkommen
register-welcome = Willkommen, { $name }
register-lead = Sie wurden zu <strong>{ $portal }</strong> eingeladen. Wählen Sie ein Passwort, um Ihre Registrierung abzuschließen.
register-login = Benutzername
register-password = Gewünschtes Passwort
register-password-again = Gewünschtes Passwort, noch einmal
register-submit = Registrierung abschließen
register-same = Die beiden Passwörter stimmen überein.
register-other = Die beiden Passwörter stimmen noch nicht überein.
register-mismatch = Die beiden Passwörter sind nicht gleich.
    .text = Geben Sie Ihr neues Passwort zweimal ein, beide Male gleich.

password-needs = Ein Passwort braucht:
password-lower = einen Kleinbuchstaben (a–z)
password-upper = einen Großbuchstaben (A–Z)
password-digit = eine Ziffer (0–9)
password-special = ein Sonderzeichen (zum Beispiel ! # $ %)
password-length = { $number ->
    [one] mindestens { $number } Zeichen
   *[other] mindestens { $number } Zeichen
}
password-done = (erfüllt)
password-missing = (fehlt noch)
password-passphrase = Ab { $number } Zeichen ist jede Mischung recht: einige Wörter, die niemand errät, genügen.
password-weak = Bitte wählen Sie ein anderes Passwort.
    .text = Was in der Liste unten markiert ist, fehlt noch.
password-common = Es ähnelt zu sehr einem der meistbenutzten Passwörter, und die werden zuerst ausprobiert.
password-guessable = Es folgt einem Muster, das schnell zu erraten ist. Besser sind Wörter ohne Zusammenhang oder ein zufälliges Passwort.
password-contains-login = Es enthält Ihren Benutzernamen.
password-too-long = Es ist länger, als wir annehmen können.
password-forbidden = Es enthält ein Zeichen, das sich nicht überall eingeben lässt, zum Beispiel einen Tabulator.

registered-title = Registrierung abgeschlossen
registered-lead = Ihr Passwort ist gesetzt. Sie können diese Seite schließen oder gleich weitermachen.
registered-login = Ihr Benutzername
registered-address = Jederzeit anmelden unter
registered-next = Bei Ihrer ersten Anmeldung richten Sie eine Authenticator-App ein. Halten Sie Ihr Telefon bereit, und tun Sie es bis zum { $date }, in diesem Browser oder mit dem Link, den Sie erhalten haben.
