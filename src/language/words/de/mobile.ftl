# The recovery mobile, recovery by text, and what texts and their mails say.
mobile-title = Wiederherstellungs-Mobilnummer
mobile-ends-in = Endet auf { $ending }
mobile-none = Noch keine
mobile-step = Mobilnummer
mobile-lead = Wenn Sie Ihre App und Ihre Wiederherstellungscodes verlieren, können wir einen Code an diese Nummer senden. Empfohlen, aber Sie können es überspringen.
mobile-number = Mobilnummer
mobile-hint = Mit Ländervorwahl. Wir können SMS senden nach: { $countries }
mobile-submit = Mobilnummer bestätigen
mobile-skip = Jetzt überspringen
mobile-only = Wir verwenden die Nummer nur zur Wiederherstellung, nie zur Anmeldung.
mobile-code-title = Geben Sie den Code aus der SMS ein
mobile-code-lead = Eine SMS mit einem sechsstelligen Code ist unterwegs an die Nummer, die auf { $ending } endet. Er gilt zehn Minuten.
mobile-code = Code aus der SMS
mobile-code-submit = Bestätigen
mobile-other = Andere Nummer verwenden
mobile-is = Ihre Mobilnummer endet auf { $ending }.
mobile-from = Sie gilt für die Wiederherstellung ab { $until }.
mobile-change-lead = Um sie zu ändern, geben Sie Ihr Passwort und einen Code aus Ihrer App ein. Wir benachrichtigen die alte Nummer. Ihre anderen Sitzungen enden, und Ihre anderen Browser sind nicht mehr bekannt. Eine neue Nummer gilt nach 72 Stunden für die Wiederherstellung.
mobile-remove = Mobilnummer entfernen
mobile-done = Ihre Mobilnummer ist geändert. Sie gilt nach 72 Stunden für die Wiederherstellung. Sie sind nur noch hier angemeldet.
mobile-removed = Ihre Mobilnummer ist entfernt. Sie sind nur noch hier angemeldet.

mobile-not-a-number = Das ist keine Mobilnummer.
    .text = Schreiben Sie sie mit Plus und Ländervorwahl, etwa +49 1512 3456789.
mobile-country = In dieses Land können wir keine SMS senden.
    .text = Wir können an Nummern senden, die so beginnen: { $countries }
mobile-kind = Diese Nummer kann keine SMS empfangen.
    .text = Geben Sie die Nummer eines Mobiltelefons ein.
mobile-refused = An diese Nummer konnten wir nichts senden.
    .text = Vielleicht hat sie heute schon zu viele SMS bekommen, oder sie nimmt keine an. Nichts wurde geändert.
mobile-not-sent = Wir konnten die SMS nicht senden.
    .text = Nichts wurde geändert. Versuchen Sie es in einer Minute noch einmal, oder überspringen Sie diesen Schritt.
mobile-not-sent-inside = Wir konnten die SMS nicht senden.
    .text = Nichts wurde geändert. Versuchen Sie es in einer Minute noch einmal, mit einem neuen Code aus Ihrer App.
mobile-slow-down = Bitte warten Sie etwas.
    .text = Es wurden zu viele SMS angefordert. Sie können es { $wait } wieder versuchen. Nichts wurde geändert.
mobile-code-malformed = Das ist kein sechsstelliger Code.
    .text = Geben Sie die sechs Ziffern aus der SMS ein. Dieser Versuch wurde nicht gezählt.
mobile-code-wrong = Dieser Code war nicht richtig.
    .text = { $left ->
        [one] Prüfen Sie die neueste SMS. Sie haben noch einen Versuch.
       *[other] Prüfen Sie die neueste SMS. Sie haben noch { $left } Versuche.
    }
mobile-code-gone = Dieser Code gilt nicht mehr.
    .text = Er war älter als zehn Minuten oder wurde zu oft versucht. Geben Sie Ihre Nummer noch einmal ein, um einen neuen zu bekommen.

mobile-recover-title = Per SMS und E-Mail
mobile-recover-lead = Wenn Sie eine Mobilnummer hinterlegt haben, senden wir Ihnen einen Code per SMS und einen Link per E-Mail. Sie brauchen beide. Innerhalb eines Tages nach einem neuen Passwort per E-Mail muss der Betreiber Ihr Konto erst entsperren.
mobile-recover-submit = Code per SMS senden
mobile-recover-asked = Wenn für dieses Konto eine Mobilnummer hinterlegt ist, haben wir zwei Dinge gesendet. Beide gelten zehn Minuten.
mobile-recover-mail = Eine E-Mail: Öffnen Sie den Link, auf einem beliebigen Gerät, und drücken Sie dort die Schaltfläche.
mobile-recover-code = Eine SMS: Geben Sie den Code hier ein.
mobile-recover-again = Beides noch einmal senden
mobile-recover-nothing = Es kommt nichts? Dann gibt es vielleicht keine Mobilnummer, oder sie darf gerade nicht verwendet werden. Nehmen Sie einen Wiederherstellungscode, oder fragen Sie den Betreiber.
mobile-recover-open-mail = Der Code war richtig. Öffnen Sie jetzt den Link in der E-Mail, auf einem beliebigen Gerät, und drücken Sie dort die Schaltfläche. Dann geht es hier weiter.
mobile-recover-waits = Code und Link waren richtig. Zur Sicherheit wartet die Wiederherstellung bis zum { $until }. Melden Sie sich dann hier wieder an, und fordern Sie einen neuen Code und Link an.
mobile-recover-go = Weiter
mobile-recover-wrong = Dieser Code war nicht richtig.
    .text = { $left ->
        [one] Prüfen Sie die neueste SMS. Sie haben noch einen Versuch.
       *[other] Prüfen Sie die neueste SMS. Sie haben noch { $left } Versuche.
    }

mobile-link-title = Stellen Sie Ihr Konto wieder her?
mobile-link-lead = Jemand hat bei { $brand } das Passwort von <strong>{ $login }</strong> eingegeben und die Authenticator-App verloren.
mobile-link-warning = Drücken Sie die Schaltfläche nur, wenn Sie das sind. Wer es auch ist, könnte dann eine eigene App einrichten.
mobile-link-submit = Ja, das bin ich
mobile-link-stay = Wenn Sie es nicht sind, schließen Sie diese Seite, und ändern Sie bald Ihr Passwort: Jemand kennt es.
mobile-link-done-title = Danke
mobile-link-done = Machen Sie jetzt in dem Browser weiter, in dem Sie Ihr Passwort eingegeben haben. Diese Seite können Sie schließen.
mobile-link-gone-title = Dieser Link gilt nicht mehr
mobile-link-gone = Er ist abgelaufen, wurde durch einen neueren ersetzt oder hat seine Arbeit getan. Melden Sie sich noch einmal an, um einen neuen zu bekommen.

mobile-mail = Stellen Sie Ihr Konto bei { $brand } wieder her
    .text = Jemand hat Ihr Passwort eingegeben und will Ihr Konto mit einem Code per SMS und dieser E-Mail wiederherstellen.
mobile-mail-link = Ich stelle mein Konto wieder her
    .text = Öffnen Sie den Link auf einem beliebigen Gerät, und drücken Sie dort die Schaltfläche. Er gilt bis { $until }.
mobile-mail-next = Dieser Link allein meldet niemanden an.
mobile-mail-not-me = Wenn Sie es nicht waren, tun Sie hier nichts. Aber jemand kennt Ihr Passwort: Wählen Sie ein anderes.
mobile-mail-waits = Die Wiederherstellung Ihres Kontos bei { $brand } hat begonnen
    .text = Jemand hat Ihr Passwort, einen Code per SMS und einen Link per E-Mail gezeigt. Nach einer Wartezeit kann eine andere Authenticator-App eingerichtet werden.
mobile-text-code = { $brand }: { $code } ist Ihr Code. Gilt 10 Minuten. Wir fragen nie danach.
mobile-text-changed = { $brand }: Diese Nummer dient nicht mehr der Wiederherstellung. Nicht Sie? Siehe unsere E-Mail.
mobile-text-waits = { $brand }: Wiederherstellung Ihres Kontos begonnen. Sie wartet bis { $until }. Nicht Sie? Siehe unsere E-Mail.
