# Wiederherstellung mit einem Wiederherstellungscode.
recover-title = Stellen Sie Ihr Konto wieder her
recover-lead = Das hilft, wenn Ihr Telefon verloren, kaputt oder ersetzt ist. Beim Einrichten Ihrer App haben Sie zehn Wiederherstellungscodes gesichert; geben Sie einen davon ein.
recover-lead-due = Ihr Konto war gesperrt und ist wieder entsperrt. Um sich aus einem Browser anzumelden, den Sie noch nie verwendet haben, brauchen Sie einen Wiederherstellungscode: Ein Code aus der App genügt hier nicht. Beim Einrichten Ihrer App haben Sie zehn Wiederherstellungscodes gesichert; geben Sie einen davon ein.
recover-half-way = Ihr Passwort war richtig. Ihr Konto wurde wiederhergestellt, aber eine neue Authenticator-App wurde nicht rechtzeitig oder nicht in diesem Browser eingerichtet. Die alte App und alle Wiederherstellungscodes gelten nicht mehr.
recover-half-way-ask = Keine Mobilnummer hinterlegt, oder es kommt nichts an? Bitten Sie die Betreiber von { $brand } um einen neuen Link.
recover-warning = <strong>Ihre alte Authenticator-App gilt dann für dieses Konto nicht mehr.</strong> Auch Ihre übrigen Wiederherstellungscodes gelten nicht mehr, und Sie werden überall abgemeldet. Gleich danach richten Sie wieder eine App ein.
recover-code = Wiederherstellungscode
recover-hint = Er sieht so aus: <code>{ $example }</code>.
recover-submit = Wiederherstellung starten
recover-known-browser = Sie können auch in einem Browser weitermachen, in dem Sie sich schon einmal angemeldet haben. Dort geht es nach wie vor.
recover-found = Haben Sie Ihr Telefon wiedergefunden?
recover-found-link = Geben Sie einen Code aus der App ein
recover-no-code = Haben Sie auch keinen Wiederherstellungscode? Dann können Ihnen nur die Betreiber von { $brand } helfen.
recover-due = Bitte verwenden Sie einen Wiederherstellungscode.
    .text = Hier genügt ein Code aus der App nicht. Dieser Versuch wurde nicht gezählt.
recover-malformed = Das ist kein Wiederherstellungscode.
    .text = Ein Wiederherstellungscode hat sechzehn Buchstaben und Ziffern in Vierergruppen. Dieser Versuch wurde nicht gezählt.
recover-wrong = Dieser Wiederherstellungscode war nicht richtig.
    .text = { $left ->
        [one] Prüfen Sie, ob Sie ihn schon verwendet haben und ob er zu Ihrem neuesten Satz gehört. Sie haben noch einen Versuch.
       *[other] Prüfen Sie, ob Sie ihn schon verwendet haben und ob er zu Ihrem neuesten Satz gehört. Sie haben noch { $left } Versuche.
    }
