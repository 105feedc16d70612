# Was wartet, bis ein Code eingegeben ist.
parked-title = Jetzt senden, was Sie geschrieben haben?
parked-lead = Sie haben das an { $portal } gesendet, als ein neuer Code nötig war. Es wurde aufbewahrt und ist <strong>noch nicht gesendet</strong>.
parked-nothing = Nichts wartet
parked-nothing-lead = Hier ist nichts von Ihnen, das nicht gesendet wurde. Formulare werden nur einige Minuten aufbewahrt; über „Zurück“ im Browser finden Sie Ihres vielleicht noch.
parked-form = Formular
parked-size = Größe
parked-when = Wann
parked-kept = Es wird { $left } vergessen.
parked-send = Jetzt senden
parked-discard = Verwerfen
parked-took = { $ago } gesendet, und das Portal hat es angenommen.
parked-error = { $ago } gesendet, aber das Portal hat mit einem Fehler geantwortet ({ $status }). Es wird nicht noch einmal gesendet.
parked-unknown = { $ago } gesendet, aber vom Portal kam keine Antwort. Sehen Sie im Portal nach, ob es angekommen ist. Es wird nicht noch einmal gesendet.
parked-discarded = { $ago } von Ihnen verworfen. Es wurde nicht gesendet.
parked-back = Zurück zu { $portal }
parked-back-unsent = Zurück zu { $portal }, ohne zu senden
parked-stale = Diese Seite war eine Weile offen.
    .text = Es wurde nichts gesendet und nichts verworfen. Bitte wählen Sie noch einmal.
parked-ago = { $minutes ->
    [0] vor weniger als einer Minute
    [one] vor { $minutes } Minute
   *[other] vor { $minutes } Minuten
}

# Was nicht aufbewahrt werden kann
parked-too-large = Was Sie gesendet haben, ist zu groß zum Aufbewahren
    .text = Sie brauchen zuerst einen neuen Code, und es wurde nicht aufbewahrt. Nichts wurde gesendet. Über „Zurück“ im Browser finden Sie das Formular vielleicht noch. Geben Sie Ihren Code in einem anderen Tab ein, gehen Sie dann zurück und senden Sie es noch einmal.
parked-share = Zwei Formulare von Ihnen warten schon
    .text = Sie brauchen zuerst einen neuen Code, und dieses wurde nicht aufbewahrt. Nichts wurde gesendet. Über „Zurück“ im Browser finden Sie es vielleicht noch. Geben Sie Ihren Code in einem anderen Tab ein, senden oder verwerfen Sie, was wartet, und senden Sie dieses dann noch einmal.
parked-away = Was Sie gesendet haben, konnte nicht aufbewahrt werden
    .text = Sie brauchen zuerst einen neuen Code, und wir können es gerade nicht aufbewahren. Nichts wurde gesendet. Über „Zurück“ im Browser finden Sie das Formular vielleicht noch. Warten Sie eine Minute und senden Sie es dann noch einmal.
parked-broken = Was Sie gesendet haben, ist nicht vollständig angekommen
    .text = Nichts wurde weitergegeben. Über „Zurück“ im Browser finden Sie das Formular vielleicht noch: Senden Sie es dann noch einmal.
parked-not-now = Es konnte gerade nicht gesendet werden
    .text = Wir erreichen unsere Aufzeichnungen nicht. Gehen Sie in einer Minute zurück: Die Seite sagt, ob es noch wartet.

# Ein Fenster, das eine Seite des Portals geöffnet hat
popup-title = Ihr Code wurde angenommen
popup-lead = Schließen Sie dieses Fenster und machen Sie dort weiter, wo Sie herkamen.
popup-afterwards = Danach machen Sie in dem Fenster weiter, aus dem Sie kamen.
