# Ce qui attend qu’un code soit saisi.
parked-title = Envoyer ce que vous avez écrit ?
parked-lead = Vous avez envoyé ceci à { $portal } alors qu’un nouveau code était demandé. C’est conservé et <strong>pas encore envoyé</strong>.
parked-nothing = Rien n’attend
parked-nothing-lead = Rien de ce que vous avez écrit ne reste à envoyer. Les formulaires ne sont gardés que quelques minutes ; le bouton « Précédent » de votre navigateur a peut-être encore le vôtre.
parked-form = Formulaire
parked-size = Taille
parked-when = Quand
parked-kept = Il sera oublié { $left }.
parked-send = Envoyer maintenant
parked-discard = Supprimer
parked-took = Envoyé { $ago } ; le portail l’a reçu.
parked-error = Envoyé { $ago }, mais le portail a répondu par une erreur ({ $status }). Ce n’est pas envoyé une seconde fois.
parked-unknown = Envoyé { $ago }, mais le portail n’a pas répondu. Vérifiez dans le portail si c’est arrivé. Ce n’est pas envoyé une seconde fois.
parked-discarded = Supprimé par vous { $ago }. Rien n’a été envoyé.
parked-back = Revenir à { $portal }
parked-back-unsent = Revenir à { $portal } sans envoyer
parked-stale = Cette page est restée ouverte un moment.
    .text = Rien n’a été envoyé ni supprimé. Choisissez à nouveau.
parked-ago = { $minutes ->
    [0] il y a moins d’une minute
    [one] il y a { $minutes } minute
   *[other] il y a { $minutes } minutes
}

# Ce qui ne peut être gardé
parked-too-large = Ce que vous avez envoyé est trop grand pour être gardé
    .text = Il faut d’abord un nouveau code, et ce n’est pas gardé. Rien n’a été envoyé. Le bouton « Précédent » de votre navigateur a peut-être encore le formulaire. Saisissez votre code dans un autre onglet, puis revenez et envoyez à nouveau.
parked-share = Deux de vos formulaires attendent déjà
    .text = Il faut d’abord un nouveau code, et celui-ci n’est pas gardé. Rien n’a été envoyé. Le bouton « Précédent » de votre navigateur l’a peut-être encore. Saisissez votre code dans un autre onglet, envoyez ou supprimez ce qui attend, puis revenez et envoyez celui-ci.
parked-away = Ce que vous avez envoyé n’a pas pu être gardé
    .text = Il faut d’abord un nouveau code, et nous ne pouvons rien garder pour le moment. Rien n’a été envoyé. Le bouton « Précédent » de votre navigateur a peut-être encore le formulaire. Attendez une minute, puis revenez et envoyez à nouveau.
parked-broken = Ce que vous avez envoyé n’est pas arrivé en entier
    .text = Rien n’a été transmis. Le bouton « Précédent » de votre navigateur a peut-être encore le formulaire : revenez et envoyez à nouveau.
parked-not-now = L’envoi n’est pas possible pour le moment
    .text = Nos registres ne répondent pas. Revenez dans une minute : la page dit si cela attend encore.

# Une fenêtre ouverte par une page du portail
popup-title = Votre code est accepté
popup-lead = Fermez cette fenêtre et continuez dans celle d’où vous venez.
popup-afterwards = Ensuite vous continuez dans la fenêtre d’où vous venez.
