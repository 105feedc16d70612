# Was Sie an Ihrem eigenen Konto ändern können: Passwort, Authenticator, Wiederherstellungscodes.
security-title = Ihre Sicherheit
security-back = Zurück zu Ihrem Konto
security-entered = Letzter Code eingegeben
security-confirm-back = Danach kommen Sie zu Ihrem Konto zurück.
security-code = Sechsstelliger Code aus Ihrer App
security-stale = Diese Seite war eine Weile offen.
    .text = Es wurde nichts geändert. Füllen Sie sie zur Sicherheit bitte noch einmal aus.
security-crowded = Das war zu viel auf einmal.
    .text = Dieses Formular hat nichts geändert. Versuchen Sie es bitte in ein paar Sekunden noch einmal.
security-wrong-password = Dieses Passwort war nicht richtig.
    .text = { $left ->
        [one] Geben Sie das Passwort ein, mit dem Sie sich anmelden. Ihr Code wurde nicht verbraucht. Sie haben noch einen Versuch.
       *[other] Geben Sie das Passwort ein, mit dem Sie sich anmelden. Ihr Code wurde nicht verbraucht. Sie haben noch { $left } Versuche.
    }

security-password = Passwort
security-password-what = Das Passwort ändern, mit dem Sie sich anmelden
security-password-title = Ändern Sie Ihr Passwort
security-password-lead = Hier bleiben Sie angemeldet. Ihre anderen Sitzungen enden, und Ihre anderen Browser sind nicht mehr bekannt.
security-current-password = Derzeitiges Passwort
security-new-password = Neues Passwort
security-new-password-again = Neues Passwort, noch einmal
security-password-submit = Passwort ändern
security-password-same = Das ist das Passwort, das Sie jetzt haben.
    .text = Wählen Sie eines, das Sie hier noch nicht verwendet haben.
security-password-done = Ihr Passwort ist geändert. Sie sind hier weiter angemeldet, sonst nirgends.

security-mfa = Authenticator-App
security-mfa-what = Ersetzen, zum Beispiel für ein neues Telefon
security-mfa-title = Ersetzen Sie Ihre Authenticator-App
security-mfa-lead = Für ein neues Telefon oder eine andere App. Die alte brauchen Sie noch einmal: Geben Sie Ihr Passwort ein und den Code, den sie jetzt zeigt. Danach scannen Sie einen neuen QR-Code.
security-old-code = Sechsstelliger Code aus der alten App
security-mfa-start = Den neuen QR-Code zeigen
security-mfa-then = Die alte App gilt, bis ein Code der neuen angenommen wurde. Dann enden Ihre anderen Sitzungen, Ihre anderen Browser sind nicht mehr bekannt, und Sie bekommen neue Wiederherstellungscodes.
security-mfa-lost = Sie haben die alte App nicht mehr? Melden Sie sich ab, melden Sie sich mit Ihrem Passwort an und wählen Sie „Wiederherstellung starten“. Dafür brauchen Sie einen Wiederherstellungscode.
security-mfa-code-lead = Die App zeigt jetzt einen sechsstelligen Code für { $issuer }. Bis Sie einen richtigen eingegeben haben, gilt Ihre alte App weiter.
security-mfa-submit = Authenticator-App ersetzen
security-mfa-keep = Die alte behalten
security-mfa-begin-again = Dieser QR-Code gilt nicht mehr.
    .text = Beginnen Sie hier noch einmal, um Ihre Authenticator-App zu ersetzen.

security-codes = Wiederherstellungscodes
security-codes-what = Neue bekommen, für den Fall, dass Ihr Telefon verloren geht
security-codes-title = Neue Wiederherstellungscodes
security-codes-lead = Wenn Ihr Telefon verloren geht, kaputtgeht oder ersetzt wird, kommen Sie mit einem Wiederherstellungscode hinein. Holen Sie sich neue, wenn Sie welche verbraucht oder verloren haben oder glauben, dass jemand sie gesehen hat.
security-codes-warning = <strong>Ihre alten Wiederherstellungscodes gelten sofort nicht mehr.</strong> Ihre anderen Sitzungen enden, und Ihre anderen Browser sind nicht mehr bekannt.
security-codes-submit = Neue Wiederherstellungscodes holen
security-codes-made = Sie haben neue Wiederherstellungscodes; die alten gelten nicht mehr. Wenn Ihr Telefon verloren geht, kaputtgeht oder ersetzt wird, kommen Sie mit einem davon hinein.
security-codes-unsaved = Sie haben neue Codes, die noch nicht gesichert sind.
security-codes-save = Jetzt sichern
security-codes-done = Ihre neuen Wiederherstellungscodes sind gesichert. Die alten gelten nicht mehr.
