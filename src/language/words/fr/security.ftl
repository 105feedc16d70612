# Ce que vous pouvez changer dans votre propre compte : mot de passe, application, codes de récupération.
security-title = Votre sécurité
security-back = Retour à votre compte
security-entered = Dernier code saisi
security-confirm-back = Ensuite, vous revenez à votre compte.
security-code = Code à six chiffres de votre application
security-stale = Cette page est restée ouverte un moment.
    .text = Rien n’a été modifié. Par sécurité, veuillez la remplir encore une fois.
security-crowded = C’était trop à la fois.
    .text = Ce formulaire n’a rien changé. Veuillez réessayer dans quelques secondes.
security-wrong-password = Ce mot de passe n’était pas le bon.
    .text = { $left ->
        [one] Saisissez le mot de passe avec lequel vous vous connectez. Votre code n’a pas été utilisé. Il vous reste un essai.
       *[other] Saisissez le mot de passe avec lequel vous vous connectez. Votre code n’a pas été utilisé. Il vous reste { $left } essais.
    }

security-password = Mot de passe
security-password-what = Changer le mot de passe avec lequel vous vous connectez
security-password-title = Changez votre mot de passe
security-password-lead = Vous restez connecté ici. Vos autres sessions prennent fin, et vos autres navigateurs ne sont plus reconnus.
security-current-password = Mot de passe actuel
security-new-password = Nouveau mot de passe
security-new-password-again = Nouveau mot de passe, encore une fois
security-password-submit = Changer le mot de passe
security-password-same = C’est le mot de passe que vous avez maintenant.
    .text = Choisissez-en un que vous n’avez pas encore utilisé ici.
security-password-done = Votre mot de passe a été modifié. Vous êtes encore connecté ici, et nulle part ailleurs.

security-mfa = Application d’authentification
security-mfa-what = La remplacer, par exemple pour un nouveau téléphone
security-mfa-title = Remplacez votre application d’authentification
security-mfa-lead = Pour un nouveau téléphone ou une autre application. L’ancienne sert encore une fois : saisissez votre mot de passe et le code qu’elle affiche maintenant. Ensuite, vous scannez un nouveau code QR.
security-old-code = Code à six chiffres de l’ancienne application
security-mfa-start = Afficher le nouveau code QR
security-mfa-then = L’ancienne application reste valable jusqu’à ce qu’un code de la nouvelle ait été accepté. Alors vos autres sessions prennent fin, vos autres navigateurs ne sont plus reconnus, et vous recevez de nouveaux codes de récupération.
security-mfa-lost = Vous n’avez plus l’ancienne application ? Déconnectez-vous, connectez-vous avec votre mot de passe, et choisissez « Lancer la récupération ». Il vous faut pour cela un code de récupération.
security-mfa-code-lead = L’application affiche maintenant un code à six chiffres pour { $issuer }. Tant que vous n’en avez pas saisi un qui soit bon, votre ancienne application reste valable.
security-mfa-submit = Remplacer l’application d’authentification
security-mfa-keep = Garder l’ancienne
security-mfa-begin-again = Ce code QR n’est plus valable.
    .text = Pour remplacer votre application d’authentification, recommencez ici.

security-codes = Codes de récupération
security-codes-what = En obtenir de nouveaux, pour le cas où votre téléphone serait perdu
security-codes-title = Nouveaux codes de récupération
security-codes-lead = Si votre téléphone est un jour perdu, cassé ou remplacé, un code de récupération vous donne accès. Demandez-en de nouveaux si vous en avez utilisé ou perdu, ou si vous pensez que quelqu’un les a vus.
security-codes-warning = <strong>Vos anciens codes de récupération cessent aussitôt d’être valables.</strong> Vos autres sessions prennent fin, et vos autres navigateurs ne sont plus reconnus.
security-codes-submit = Obtenir de nouveaux codes de récupération
security-codes-made = Vous avez de nouveaux codes de récupération ; les anciens ne sont plus valables. Si votre téléphone est un jour perdu, cassé ou remplacé, l’un d’eux vous donne accès.
security-codes-unsaved = Vous avez de nouveaux codes qui ne sont pas encore enregistrés.
security-codes-save = Les enregistrer maintenant
security-codes-done = Vos nouveaux codes de récupération sont enregistrés. Les anciens ne sont plus valables.
