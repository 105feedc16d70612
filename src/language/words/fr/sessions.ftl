# Où vous êtes connecté, et quels navigateurs sont connus.
sessions-title = Sessions et navigateurs
sessions-what = Voir où vous êtes connecté, et vous déconnecter partout
sessions-signed-in = Où vous êtes connecté
sessions-here = Ce navigateur
sessions-since = Depuis { $client }, le { $date }.
sessions-portal-since = Dans { $portal }, depuis { $client }, le { $date }.
sessions-seen = Dernière activité : { $ago }.
sessions-seen-now = En cours d’utilisation.
sessions-left = Prochain code { $left }.
sessions-passed = Attend un code.
sessions-end = Terminer
sessions-end-this = Terminer la session dans { $browser } depuis { $client }
sessions-end-others = Terminer toutes les autres sessions
sessions-browsers = Navigateurs connus
sessions-browsers-what = Vous vous y êtes déjà connecté entièrement. Si quelqu’un essaie de deviner l’accès à votre compte, vous pouvez continuer à les utiliser.
sessions-browsers-none = Aucun navigateur n’est connu.
sessions-known = Connu depuis le { $date }, dernière connexion : { $ago }.
sessions-forget = Oublier
sessions-forget-this = Oublier { $browser }, connu depuis le { $date }
sessions-everywhere = Se déconnecter partout
sessions-everywhere-what = Met fin à toutes les sessions, celle-ci comprise, et oublie tous les navigateurs. Votre mot de passe et votre application restent tels quels.
sessions-stale = Cette page est restée ouverte un moment.
    .text = Rien n’a été modifié. Regardez-la de nouveau, et appuyez encore une fois sur le bouton.
sessions-ended = Cette session a pris fin.
sessions-others-ended = Toutes les autres sessions ont pris fin.
sessions-forgotten = Ce navigateur est oublié.
sessions-over = Il n’y avait plus rien à terminer : c’était déjà fini.
sessions-signed-out = Vous êtes déconnecté partout, et aucun navigateur n’est plus reconnu.
sessions-browser-on = { $browser } sur { $system }
sessions-browser-only = { $browser }
sessions-browser-some = Un navigateur sur { $system }
sessions-browser-none = Un navigateur sans nom
sessions-just-now = à l’instant
sessions-minutes-ago = { $number ->
    [one] il y a { $number } minute
   *[other] il y a { $number } minutes
}
sessions-hours-ago = { $number ->
    [one] il y a { $number } heure
   *[other] il y a { $number } heures
}
sessions-days-ago = { $number ->
    [one] il y a { $number } jour
   *[other] il y a { $number } jours
}
