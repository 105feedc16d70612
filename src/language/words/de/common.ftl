# Um jede Seite herum, und was mehrere Seiten sagen.
title-wrong = Bitte prüfen:
language-switch = Sprache
links-label = Weitere Links
skip-to-content = Zum Inhalt springen
page-ends-login = Diese Seite läuft { $left } ab. Danach beginnen Sie wieder mit Ihrem Passwort.
page-ends-link = Dieser Link läuft { $left } ab. Danach brauchen Sie einen neuen.
page-ends-inside = Diese Seite läuft { $left } ab. Danach beginnen Sie wieder in Ihrem Konto.
request-number = Wenn Sie um Hilfe bitten, nennen Sie diese Nummer:
go-to-portal = Zum Portal
open-in-whole-window = Im ganzen Fenster öffnen
try-again = Erneut versuchen
help-below = Wie Sie sie erreichen, steht unten.
copy = Kopieren
copied = Kopiert
print = Drucken
sign-out = Abmelden
log-in = Anmelden

# Zeiten
in-seconds = { $number ->
    [one] in { $number } Sekunde
   *[other] in { $number } Sekunden
}
in-minutes = { $number ->
    [one] in { $number } Minute
   *[other] in { $number } Minuten
}
in-hours = { $number ->
    [one] in { $number } Stunde
   *[other] in { $number } Stunden
}
in-days = { $number ->
    [one] in { $number } Tag
   *[other] in { $number } Tagen
}
every-seconds = { $number ->
    [1] jede Sekunde
   *[other] alle { $number } Sekunden
}
every-minutes = { $number ->
    [1] jede Minute
   *[other] alle { $number } Minuten
}
every-hours = { $number ->
    [1] jede Stunde
   *[other] alle { $number } Stunden
}
every-days = { $number ->
    [1] jeden Tag
   *[other] alle { $number } Tage
}
date = { $month ->
    [1] { $day }. Januar { $year }
    [2] { $day }. Februar { $year }
    [3] { $day }. März { $year }
    [4] { $day }. April { $year }
    [5] { $day }. Mai { $year }
    [6] { $day }. Juni { $year }
    [7] { $day }. Juli { $year }
    [8] { $day }. August { $year }
    [9] { $day }. September { $year }
    [10] { $day }. Oktober { $year }
    [11] { $day }. November { $year }
   *[12] { $day }. Dezember { $year }
}
moment = { $date }, { $time } UTC
