# Die Kontoseite.
account-title = Ihr Konto
account-login = Angemeldet als
account-groups = Gruppen
account-next-code = Nächster Code nötig
account-every = Ihre Organisation fragt { $every } nach einem neuen.
account-go = Zu { $portal }
account-enter-code = Jetzt einen Code eingeben
