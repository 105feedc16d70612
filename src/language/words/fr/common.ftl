# Autour de chaque page, et ce que disent plusieurs pages.
title-wrong = À vérifier :
language-switch = Langue
links-label = Autres liens
skip-to-content = Aller au contenu
page-ends-login = Cette page expire { $left }. Ensuite, vous recommencez avec votre mot de passe.
page-ends-link = Ce lien expire { $left }. Ensuite, il vous en faut un nouveau.
page-ends-inside = Cette page expire { $left }. Ensuite, vous recommencez depuis votre compte.
request-number = Si vous demandez de l’aide, indiquez ce numéro :
go-to-portal = Aller au portail
open-in-whole-window = Ouvrir dans toute la fenêtre
try-again = Réessayer
help-below = Vous trouverez ci-dessous comment les joindre.
copy = Copier
copied = Copié
print = Imprimer
sign-out = Se déconnecter
log-in = Se connecter

# Durées
in-seconds = { $number ->
    [one] dans { $number } seconde
   *[other] dans { $number } secondes
}
in-minutes = { $number ->
    [one] dans { $number } minute
   *[other] dans { $number } minutes
}
in-hours = { $number ->
    [one] dans { $number } heure
   *[other] dans { $number } heures
}
in-days = { $number ->
    [one] dans { $number } jour
   *[other] dans { $number } jours
}
every-seconds = { $number ->
    [1] chaque seconde
   *[other] toutes les { $number } secondes
}
every-minutes = { $number ->
    [1] chaque minute
   *[other] toutes les { $number } minutes
}
every-hours = { $number ->
    [1] chaque heure
   *[other] toutes les { $number } heures
}
every-days = { $number ->
    [1] chaque jour
   *[other] tous les { $number } jours
}
date = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year }
moment = { $date } à { $time } UTC
