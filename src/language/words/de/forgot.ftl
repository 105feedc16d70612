# Ein vergessenes Passwort, von der Frage bis zum neuen; und "Das war ich nicht" aus Mails.
forgot-link = Passwort vergessen?
forgot-title = Passwort vergessen?
forgot-lead = Geben Sie die E-Mail-Adresse ein, mit der Sie sich anmelden. Wenn sie zu einem Konto gehört, senden wir Ihnen einen Link, um ein neues Passwort festzulegen.
forgot-login = E-Mail-Adresse
forgot-submit = Link senden
forgot-back = Zurück zur Anmeldung
forgot-late = Bitte warten Sie ein wenig.
    .text = Aus Ihrem Netz wurden zu viele Links verlangt. Sie können es { $wait } wieder versuchen.
forgot-sent-title = Sehen Sie in Ihr Postfach
forgot-sent = Wenn ein Konto die Adresse <strong>{ $login }</strong> hat, ist eine Mail unterwegs.
forgot-sent-next = Der Link darin gilt 30 Minuten. Wenn nichts ankommt, prüfen Sie die Adresse und den Ordner für unerwünschte Mails, und versuchen Sie es in einigen Minuten noch einmal.
forgot-ask-title = Ein neues Passwort
forgot-ask = Von hier werden keine Mails gesendet. Bitten Sie die Betreiber von { $brand } um ein neues Passwort.

reset-title = Neues Passwort festlegen
reset-lead = Wählen Sie ein neues Passwort für Ihr Konto.
reset-ends = Sie werden überall abgemeldet. Ihre Authenticator-App bleibt, wie sie ist.
reset-login = Benutzername
reset-password = Neues Passwort
reset-password-again = Neues Passwort, noch einmal
reset-submit = Neues Passwort festlegen
reset-done-title = Ihr neues Passwort gilt
reset-done = Sie sind überall abgemeldet. Sie können diese Seite schließen oder sich jetzt anmelden, mit dem neuen Passwort und einem Code aus Ihrer App.
reset-gone-title = Dieser Link gilt nicht mehr
reset-gone = Er ist abgelaufen, wurde benutzt oder durch einen neueren ersetzt.
reset-gone-again = Einen neuen Link verlangen

not-me-title = Waren Sie es nicht?
not-me-lead = Sie können das Konto <strong>{ $login }</strong> einfrieren. Alle werden sofort abgemeldet, und niemand kann sich mehr anmelden, auch Sie nicht, bis die Betreiber von { $brand } Sie wieder einlassen.
not-me-submit = Mein Konto einfrieren
not-me-stay = Wenn Sie es waren, schließen Sie diese Seite. Es hat sich nichts geändert.
not-me-done-title = Ihr Konto ist eingefroren
not-me-done = Niemand ist mehr angemeldet. Sagen Sie jetzt den Betreibern von { $brand }, was geschehen ist; sie können Sie wieder einlassen.
not-me-gone-title = Dieser Link gilt nicht mehr
not-me-gone = Er ist abgelaufen oder wurde benutzt. Wenn Sie glauben, dass jemand anders in Ihrem Konto ist, sagen Sie es den Betreibern von { $brand }.
