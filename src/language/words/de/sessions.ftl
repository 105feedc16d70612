# Wo Sie angemeldet sind, und welche Browser bekannt sind.
sessions-title = Sitzungen und Browser
sessions-what = Sehen, wo Sie angemeldet sind, und sich überall abmelden
sessions-signed-in = Wo Sie angemeldet sind
sessions-here = Dieser Browser
sessions-since = Von { $client }, seit { $date }.
sessions-portal-since = In { $portal }, von { $client }, seit { $date }.
sessions-seen = Zuletzt gesehen { $ago }.
sessions-seen-now = Gerade in Gebrauch.
sessions-left = Nächster Code { $left }.
sessions-passed = Wartet auf einen Code.
sessions-end = Beenden
sessions-end-this = Die Sitzung in { $browser } von { $client } beenden
sessions-end-others = Alle anderen Sitzungen beenden
sessions-browsers = Bekannte Browser
sessions-browsers-what = In diesen haben Sie sich schon einmal ganz angemeldet. Wenn jemand versucht, sich in Ihr Konto zu raten, können Sie in ihnen weitermachen.
sessions-browsers-none = Es ist kein Browser bekannt.
sessions-known = Bekannt seit { $date }, zuletzt angemeldet { $ago }.
sessions-forget = Vergessen
sessions-forget-this = { $browser } vergessen, bekannt seit { $date }
sessions-everywhere = Überall abmelden
sessions-everywhere-what = Beendet alle Sitzungen, auch diese, und vergisst alle Browser. Ihr Passwort und Ihre App bleiben, wie sie sind.
sessions-stale = Diese Seite war eine Weile offen.
    .text = Es wurde nichts geändert. Sehen Sie sie noch einmal an, und drücken Sie den Knopf noch einmal.
sessions-ended = Diese Sitzung ist beendet.
sessions-others-ended = Alle anderen Sitzungen sind beendet.
sessions-forgotten = Dieser Browser ist vergessen.
sessions-over = Es gab nichts mehr zu beenden: Es war schon vorbei.
sessions-signed-out = Sie sind überall abgemeldet, und kein Browser ist mehr bekannt.
sessions-browser-on = { $browser } auf { $system }
sessions-browser-only = { $browser }
sessions-browser-some = Ein Browser auf { $system }
sessions-browser-none = Ein Browser ohne Namen
sessions-just-now = gerade eben
sessions-minutes-ago = { $number ->
    [one] vor { $number } Minute
   *[other] vor { $number } Minuten
}
sessions-hours-ago = { $number ->
    [one] vor { $number } Stunde
   *[other] vor { $number } Stunden
}
sessions-days-ago = { $number ->
    [one] vor { $number } Tag
   *[other] vor { $number } Tagen
}
