# Seite eins, Seite zwei, die Bestätigung, die Abmeldung.
sign-in-title = Anmelden
sign-in-login = E-Mail-Adresse
sign-in-password = Passwort
sign-in-next = Nach Ihrem Passwort werden Sie nach dem sechsstelligen Code aus Ihrer Authenticator-App gefragt.
sign-in-ended = Ihre Sitzung ist beendet. Bitte melden Sie sich erneut an.
sign-in-expired = Das hat eine Weile gedauert. Deshalb fragen wir noch einmal nach Ihrem Passwort.
sign-in-signed-out = Sie sind abgemeldet. Schließen Sie an einem gemeinsam genutzten Computer auch den Browser.
sign-in-recovery = Die Wiederherstellung beginnt mit Ihrem Passwort. Wählen Sie auf der nächsten Seite „Wiederherstellung starten“.
sign-in-password-set = Sie haben bereits ein Passwort. Melden Sie sich damit an, um fortzufahren.
sign-in-refused = Wir konnten Sie nicht anmelden.
    .text = Die E-Mail-Adresse oder das Passwort stimmt nicht. Prüfen Sie beides, und versuchen Sie es noch einmal.
sign-in-slow-down = Bitte warten Sie ein wenig.
    .text = Es gab zu viele Fehlversuche. Sie können es { $wait } wieder versuchen.

code-label = Code
code-label-long = Sechsstelliger Code
code-malformed = Das ist kein sechsstelliger Code.
    .text = Geben Sie die sechs Ziffern ein, die Ihre App jetzt zeigt. Dieser Versuch wurde nicht gezählt.
code-wrong = Dieser Code war nicht richtig.
    .text = { $left ->
        [one] Prüfen Sie, ob es der Code für dieses Konto ist und ob die Uhr Ihres Telefons automatisch gestellt wird. Sie haben noch einen Versuch.
       *[other] Prüfen Sie, ob es der Code für dieses Konto ist und ob die Uhr Ihres Telefons automatisch gestellt wird. Sie haben noch { $left } Versuche.
    }
code-used = Bitte warten Sie auf den nächsten Code.
    .text = Jeder Code gilt einmal, und mit diesem sind Sie hierhergekommen. Ihre App zeigt { $wait } den nächsten.
code-slow-down = Bitte warten Sie ein wenig.
    .text = Aus Ihrem Netz kamen zu viele falsche Codes. Sie können es { $wait } wieder versuchen.
code-stale = Diese Seite war eine Weile offen.
    .text = Bitte geben Sie zur Sicherheit den Code ein, den Ihre App jetzt zeigt.

verify-title = Geben Sie Ihren Code ein
verify-lead = Öffnen Sie die Authenticator-App auf Ihrem Telefon, und geben Sie den sechsstelligen Code ein, den sie für dieses Konto zeigt.
verify-submit = OTP-Code senden
verify-enrolled-title = Noch ein letzter Code
verify-enrolled-lead = Öffnen Sie Ihre Authenticator-App noch einmal. Wenn sie einen neuen Code zeigt, geben Sie ihn hier ein: Das beweist, dass die App funktioniert, und lässt Sie hinein.
verify-enrolled-submit = Bestätigen
verify-shared = Dies ist ein gemeinsam genutzter Computer
    .text = Sie werden abgemeldet, wenn der Browser geschlossen wird.
verify-trouble = Kommen Sie nicht in Ihr Konto?
verify-start-recovery = Wiederherstellung starten

confirm-title = Bestätigen Sie, dass Sie es sind
confirm-why = Ihre Organisation fragt <strong>{ $every }</strong> nach einem neuen Code.
confirm-early = Ihrer gilt noch; Sie können schon jetzt einen neuen eingeben, dann beginnt die Zeit von vorn.
confirm-late = Sie sind weiterhin als { $login } angemeldet, und nichts von Ihrer Arbeit ist verloren.
confirm-submit = Bestätigen
confirm-app = Öffnen Sie die Authenticator-App auf Ihrem Telefon, um Ihren Code zu sehen.
confirm-to-start = Danach geht es weiter zur Startseite von { $portal }.
confirm-to-place = Danach geht es weiter zu <span class="path">{ $place }</span>.

locked-title = Konto gesperrt
locked-headline = Ihr Konto ist in diesem Browser gesperrt
locked-why = Es gab zu viele falsche Codes für { $login } aus Browsern, die Sie noch nie verwendet haben. Um Ihr Konto zu schützen, sind Anmeldungen aus neuen Browsern vorerst nicht möglich.
locked-what-to-do = Was Sie tun können
locked-known-browser = Machen Sie in einem Browser weiter, in dem Sie sich schon einmal angemeldet haben. Dort geht es nach wie vor.
locked-ask = Oder bitten Sie die Betreiber von { $brand }, Ihr Konto zu entsperren. Nur sie können das: Von dieser Seite aus ist es nicht möglich.
locked-operator = Für die Betreiber: <code>vestibule user unlock</code> mit Ihrer Anmelde-ID. Wenn Sie auch Ihr Telefon verloren haben, halten Sie einen Wiederherstellungscode bereit, oder sagen Sie es ihnen.

sign-out-title = Abmelden
sign-out-ask = Möchten Sie sich abmelden?
sign-out-what = Sie sind bei { $portal } als <strong>{ $login }</strong> angemeldet. Was Sie dort nicht gespeichert haben, geht vielleicht verloren.
sign-out-stay = Angemeldet bleiben
sign-out-stale = Sie sind noch angemeldet.
    .text = Diese Seite war eine Weile offen. Drücken Sie noch einmal auf die Schaltfläche, um sich abzumelden.

# On the way to another host
handoff-title = Angemeldet
handoff-lead = Es geht weiter zu { $portal }.
handoff-go = Weiter zu { $portal }
