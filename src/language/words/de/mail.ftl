# Mails. Betreff und Text sind reiner Text; ein Knopf führt zum Link.
mail-hello = Guten Tag,
mail-hello-name = Guten Tag { $name },
mail-sign-in-at = Sie melden sich an unter { $address }
mail-foot = { $brand } hat diese Nachricht automatisch gesendet, weil sie Ihr Konto betrifft. Antworten liest niemand.
mail-fact = { $name }: { $value }
mail-when = Wann
mail-waits-until = Wartet bis
mail-where = Netzadresse
mail-browser = Browser
mail-browser-on = { $browser } auf { $system }
mail-browser-unknown = nicht bekannt

mail-invitation = Ihre Einladung zu { $brand }
    .text = Sie wurden zu { $brand } eingeladen. Wählen Sie ein Passwort, um Ihre Registrierung abzuschließen.
mail-invitation-link = Registrierung abschließen
    .text = Der Link gilt bis { $until }, oder bis Sie alles eingerichtet haben.
mail-invitation-next = Bei der ersten Anmeldung richten Sie eine Authenticator-App ein. Halten Sie Ihr Telefon bereit.

mail-enrolment = Richten Sie Ihre Authenticator-App für { $brand } ein
    .text = { $brand } verlangt einen Code aus einer Authenticator-App. Mit diesem Link können Sie eine einrichten.
mail-enrolment-link = App einrichten
    .text = Der Link gilt einmal, bis { $until }. Sie brauchen auch Ihr Passwort.
mail-enrolment-next = Öffnen Sie ihn in dem Browser, in dem Sie sich anmelden wollen, und halten Sie Ihr Telefon bereit.

mail-reset = Ein neues Passwort für { $brand }
    .text = Jemand hat ein neues Passwort für Ihr Konto verlangt. Wenn Sie das waren, öffnen Sie diesen Link.
mail-reset-link = Neues Passwort festlegen
    .text = Der Link gilt einmal, bis { $until }.
mail-reset-next = Wenn Sie es nicht waren, tun Sie nichts. Ihr Passwort bleibt, wie es ist.

mail-new-sign-in = Neue Anmeldung bei { $brand }
    .text = Jemand hat sich mit Ihrem Passwort und einem Code bei Ihrem Konto angemeldet, in einem Browser, den Sie bisher nicht benutzt haben.
mail-password-changed = Ihr Passwort für { $brand } wurde geändert
    .text = Das Passwort Ihres Kontos wurde geändert.
mail-authenticator-replaced = Eine andere Authenticator-App für { $brand }
    .text = Für Ihr Konto wurde eine andere Authenticator-App eingerichtet. Die vorige gilt nicht mehr.
mail-authenticator-reset = Ihre Authenticator-App für { $brand } wurde entfernt
    .text = Die Betreiber haben die Authenticator-App von Ihrem Konto entfernt, damit eine neue eingerichtet werden kann.
mail-recovery-used = Ihr Konto bei { $brand } wurde wiederhergestellt
    .text = Für Ihr Konto wurde ein Wiederherstellungscode benutzt, oder ein Code per SMS zusammen mit einem Link per E-Mail. Ihre Authenticator-App und alle Wiederherstellungscodes gelten nicht mehr.
mail-mobile-changed = Eine andere Mobilnummer für { $brand }
    .text = Die Mobilnummer zur Wiederherstellung Ihres Kontos wurde geändert.
mail-locked = Ihr Konto bei { $brand } ist für neue Browser gesperrt
    .text = Es gab zu viele falsche Codes für Ihr Konto aus Browsern, die Sie bisher nicht benutzt haben. In neuen Browsern ist vorerst keine Anmeldung möglich.
mail-locked-known = Browser, in denen Sie schon angemeldet waren, funktionieren weiter.
mail-locked-next = Wer es versucht hat, kennt Ihr Passwort. Wenn Sie das nicht waren, wählen Sie ein anderes Passwort, und bitten Sie die Betreiber, Ihr Konto zu entsperren.

mail-it-was-me = Wenn Sie das waren, ist nichts zu tun.
mail-not-me = Das war ich nicht
    .text = Wenn Sie es nicht waren, öffnen Sie den Link, und frieren Sie Ihr Konto ein: Dann ist niemand mehr angemeldet, und niemand kommt hinein, bis die Betreiber Sie wieder einlassen. Der Link gilt einmal, bis { $until }.

mail-act-waits = { $brand }: Eine Verwaltungsaktion wird in 24 Stunden wirksam
    .text = Ein Administrator hat etwas veranlasst, das in 24 Stunden wirksam wird.
mail-act-waits-next = Worum es geht, steht in der Übersicht der Verwaltungsseiten. Wenn es nicht geschehen soll, kann es jeder Administrator dort bis dahin abbrechen.
mail-codes-renewed = Neue Wiederherstellungscodes für { $brand }
    .text = Für Ihr Konto wurden neue Wiederherstellungscodes erstellt. Die bisherigen gelten nicht mehr.
