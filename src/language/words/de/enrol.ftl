# Das Einrichten einer Authenticator-App, und die Wiederherstellungscodes.
steps = Schritte
step-app = App
step-scan = Scannen
step-confirm = Bestätigen
step-save = Codes
step-last = Fertig

enrol-title = Richten Sie Ihre Authenticator-App ein
enrol-hello = Guten Tag
enrol-hello-name = Guten Tag, { $name }
enrol-lead = Mit diesem Link können Sie eine Authenticator-App für <strong>{ $login }</strong> einrichten.
enrol-step-password = Melden Sie sich mit dem Passwort an, das Sie bereits haben.
enrol-step-scan = Scannen Sie einen QR-Code mit Ihrem Telefon.
enrol-step-codes = Bewahren Sie Ihre neuen Wiederherstellungscodes auf.
enrol-until = Bleiben Sie in diesem Browser, bis Sie fertig sind, spätestens bis zum { $date }.

new-link-title = Ein neuer Link ist nötig
new-link-headline = Sie brauchen einen neuen Link
new-link-gone = Dieser Link ist abgelaufen, wurde schon verwendet oder durch einen neueren ersetzt.
new-link-missing = In diesem Browser wurde kein Registrierungslink geöffnet, oder er ist abgelaufen.
new-link-needed = Ihr Passwort war richtig. Für Ihr Konto ist aber noch keine Authenticator-App eingerichtet, und in diesem Browser wurde der Link nicht geöffnet, der das erlaubt.
new-link-half-way = Ihr Passwort war richtig. Ihr Konto wurde wiederhergestellt, aber eine neue Authenticator-App wurde nicht rechtzeitig oder nicht in diesem Browser eingerichtet. Die alte App und alle Wiederherstellungscodes gelten nicht mehr.
new-link-what-next = Was als Nächstes zu tun ist
new-link-ask = Bitten Sie die Betreiber von { $brand } um einen neuen Link. Öffnen Sie ihn in dem Browser, in dem Sie sich anmelden möchten.
new-link-why = Ein Passwort allein richtet nie eine Authenticator-App ein. So kann niemand, der Ihr Passwort erfahren hat, sein eigenes Telefon an die Stelle Ihres Telefons setzen.
new-link-back = Zurück zur Anmeldung

setup-start-title = Multi‑Faktor-Authentisierung einrichten
setup-start-why = { $brand } fragt neben Ihrem Passwort nach einem sechsstelligen Code von Ihrem Telefon. Ein Passwort kann erraten oder gestohlen werden; Ihr Telefon bleibt bei Ihnen.
setup-start-time = Das Einrichten dauert etwa zwei Minuten. Sie brauchen Ihr Telefon.
setup-start-submit = MFA einrichten und zum Konto
setup-start-mfa = Multi-Faktor-Authentisierung (MFA) heißt: etwas, das Sie wissen, und etwas, das Sie haben.

setup-title = Richten Sie Ihre Authenticator-App ein
setup-app = Besorgen Sie sich eine App
setup-app-lead = Wenn Ihr Telefon schon eine davon hat, gehen Sie weiter zu Schritt 2.
setup-recommended = Empfohlen
setup-for-iphone = { $app } für iPhone
setup-for-android = { $app } für Android
setup-how = So fügen Sie ein Konto hinzu
setup-how-in = in { $app }
setup-other-app = Jede andere App
setup-scan = Scannen Sie diesen QR-Code
setup-scan-lead = Fügen Sie in der App ein Konto hinzu, und richten Sie die Kamera auf dieses Bild.
setup-qr = QR-Code für Ihre Authenticator-App. Darunter steht derselbe Schlüssel als Text.
setup-on-phone = In einer App auf diesem Gerät öffnen
setup-by-hand = Oder geben Sie diesen Schlüssel von Hand ein
setup-account = Konto: { $login }. Art: zeitbasiert, sechs Ziffern.
setup-code = Geben Sie den Code ein
setup-code-lead = Die App zeigt jetzt einen sechsstelligen Code für { $issuer }. Es wird nichts aktiviert, bevor Sie einen richtigen eingegeben haben.
setup-submit = Multi-Faktor-Authentisierung aktivieren
setup-begin-again = Der QR-Code ist abgelaufen.
    .text = Hier ist ein neuer. Entfernen Sie den alten Eintrag aus Ihrer App, und scannen Sie stattdessen diesen.

app-plus = Öffnen Sie die App, und tippen Sie auf das Pluszeichen.
app-plus-or-add = Öffnen Sie die App, und tippen Sie auf das Pluszeichen oder auf „Konto hinzufügen“.
app-add = Öffnen Sie die App, und tippen Sie auf „Konto hinzufügen“.
app-scan-qr = Wählen Sie „QR-Code scannen“.
app-other-account = Wählen Sie „Anderes Konto“; „Geschäfts- oder Schulkonto“ geht auch.
app-authy-scan = Tippen Sie auf „QR-Code scannen“, und erlauben Sie die Kamera.
app-barcode = Tippen Sie auf „Barcode scannen“.
app-point = Richten Sie die Kamera auf das Bild in Schritt 2.
app-allow-point = Erlauben Sie die Kamera, und richten Sie sie auf das Bild in Schritt 2.
app-point-save = Richten Sie sie auf das Bild in Schritt 2, und speichern Sie.
app-any = Jede App, die zeitbasierte sechsstellige Codes zeigt, ist geeignet; oft können das auch Passwortmanager.
app-look-for = Suchen Sie nach „Konto hinzufügen“ oder „Einmalcode“.
app-scan-or-key = Scannen Sie das Bild in Schritt 2, oder geben Sie den Schlüssel von Hand ein.

codes-title = Sichern Sie Ihre Wiederherstellungscodes
codes-of = Wiederherstellungscodes von { $login } für { $portal }
codes-paper = Jeder gilt einmal, anstelle Ihres Telefons. Bewahren Sie dieses Blatt dort auf, wo niemand sonst es findet.
codes-lead = Ihre Authenticator-App ist eingerichtet. Sollte Ihr Telefon einmal verloren gehen, kaputtgehen oder ersetzt werden, kommen Sie mit einem Wiederherstellungscode hinein.
codes-warning = <strong>Bewahren Sie sie sicher auf, und nicht nur auf Ihrem Telefon.</strong> Ohne Ihr Telefon und ohne Wiederherstellungscode kommen Sie allein nicht wieder hinein. Jeder Code gilt einmal. Wer einen hat und Ihr Passwort kennt, braucht Ihr Telefon nicht mehr.
codes-download = Wiederherstellungscodes herunterladen
codes-show = Auf dieser Seite zeigen
codes-saved = Ich habe sie gesichert
codes-next = Weiter
codes-not-saved = Ihre Wiederherstellungscodes sind noch nicht gesichert.
    .text = Laden Sie sie herunter, oder lassen Sie sie auf dieser Seite zeigen, und setzen Sie das Häkchen, sobald Sie sie gesichert haben.

# Die Datei zum Aufheben
codes-file-title = Wiederherstellungscodes
codes-file-for = Für: { $brand }
codes-file-login = Konto: { $login }
codes-file-made = Erstellt am: { $date }
codes-file-lead = Jeder dieser Codes lässt Sie einmal hinein, wenn Sie Ihre Authenticator-App verlieren:
codes-file-warning = Wer einen davon und Ihr Passwort hat, kann Ihr Konto übernehmen.
codes-file-keep = Drucken Sie diese Seite aus oder bewahren Sie sie in einem Passwortmanager auf, nicht auf dem Telefon, das Ihre Codes zeigt, und senden Sie sie niemandem. Ein neuerer Satz ersetzt diesen.
