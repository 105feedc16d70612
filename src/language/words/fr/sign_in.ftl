# Première page, deuxième page, confirmation, déconnexion.
sign-in-title = Connexion
sign-in-login = Adresse e-mail
sign-in-password = Mot de passe
sign-in-next = Après votre mot de passe, le code à six chiffres de votre application d’authentification vous sera demandé.
sign-in-ended = Votre session est terminée. Veuillez vous reconnecter.
sign-in-expired = Cela a pris un moment, c’est pourquoi nous vous redemandons votre mot de passe.
sign-in-signed-out = Vous êtes déconnecté. Sur un ordinateur partagé, fermez aussi le navigateur.
sign-in-recovery = La récupération commence par votre mot de passe. Sur la page suivante, choisissez « Lancer la récupération ».
sign-in-password-set = Vous avez déjà un mot de passe. Connectez-vous avec celui-ci pour continuer.
sign-in-refused = Nous n’avons pas pu vous connecter.
    .text = L’adresse e-mail ou le mot de passe est incorrect. Vérifiez les deux et réessayez.
sign-in-slow-down = Veuillez patienter un peu.
    .text = Il y a eu trop d’essais infructueux. Vous pourrez réessayer { $wait }.

code-label = Code
code-label-long = Code à six chiffres
code-malformed = Ce n’est pas un code à six chiffres.
    .text = Saisissez les six chiffres que votre application affiche maintenant. Cet essai n’a pas été compté.
code-wrong = Ce code n’était pas le bon.
    .text = { $left ->
        [one] Vérifiez que c’est bien le code de ce compte et que votre téléphone se met à l’heure automatiquement. Il vous reste un essai.
       *[other] Vérifiez que c’est bien le code de ce compte et que votre téléphone se met à l’heure automatiquement. Il vous reste { $left } essais.
    }
code-used = Veuillez attendre le code suivant.
    .text = Chaque code ne sert qu’une fois, et vous avez utilisé celui-ci pour arriver ici. Votre application affichera le suivant { $wait }.
code-slow-down = Veuillez patienter un peu.
    .text = Trop de codes incorrects sont venus de votre réseau. Vous pourrez réessayer { $wait }.
code-stale = Cette page est restée ouverte un moment.
    .text = Par sécurité, veuillez saisir le code que votre application affiche maintenant.

verify-title = Saisissez votre code
verify-lead = Ouvrez l’application d’authentification sur votre téléphone et saisissez le code à six chiffres qu’elle affiche pour ce compte.
verify-submit = Envoyer le code OTP
verify-enrolled-title = Un dernier code
verify-enrolled-lead = Ouvrez encore une fois votre application d’authentification. Quand elle affiche un nouveau code, saisissez-le ici : cela prouve que l’application fonctionne et vous donne accès.
verify-enrolled-submit = Vérifier
verify-shared = C’est un ordinateur partagé
    .text = Vous serez déconnecté à la fermeture du navigateur.
verify-trouble = Vous n’arrivez pas à accéder à votre compte ?
verify-start-recovery = Lancer la récupération

confirm-title = Confirmez que c’est bien vous
confirm-why = Votre organisation demande un nouveau code <strong>{ $every }</strong>.
confirm-early = Le vôtre est encore valable ; vous pouvez en saisir un nouveau dès maintenant, et le délai repartira de zéro.
confirm-late = Vous êtes toujours connecté en tant que { $login }, et rien de ce que vous avez fait n’est perdu.
confirm-submit = Vérifier
confirm-app = Ouvrez l’application d’authentification sur votre téléphone pour voir votre code.
confirm-to-start = Vous irez ensuite à la page d’accueil de { $portal }.
confirm-to-place = Vous irez ensuite à <span class="path">{ $place }</span>.

locked-title = Compte bloqué
locked-headline = Votre compte est bloqué dans ce navigateur
locked-why = Il y a eu trop de codes incorrects pour { $login } depuis des navigateurs que vous n’aviez jamais utilisés. Pour protéger votre compte, aucun nouveau navigateur ne peut se connecter pour l’instant.
locked-what-to-do = Ce que vous pouvez faire
locked-known-browser = Continuez dans un navigateur où vous vous êtes déjà connecté. Il fonctionne toujours.
locked-ask = Ou demandez aux responsables de { $brand } de débloquer votre compte. Eux seuls le peuvent : ce n’est pas possible depuis cette page.
locked-operator = Pour eux : <code>vestibule user unlock</code> avec votre identifiant. Si vous avez aussi perdu votre téléphone, gardez un code de récupération à portée de main ou prévenez-les.

sign-out-title = Déconnexion
sign-out-ask = Voulez-vous vous déconnecter ?
sign-out-what = Vous êtes connecté à { $portal } en tant que <strong>{ $login }</strong>. Ce que vous n’y avez pas enregistré pourrait être perdu.
sign-out-stay = Rester connecté
sign-out-stale = Vous êtes toujours connecté.
    .text = Cette page est restée ouverte un moment. Appuyez de nouveau sur le bouton pour vous déconnecter.

# On the way to another host
handoff-title = Vous êtes connecté
handoff-lead = Vous allez continuer vers { $portal }.
handoff-go = Continuer vers { $portal }
