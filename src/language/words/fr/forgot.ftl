# Un mot de passe oublié, de la demande au nouveau ; et « Ce n’était pas moi » dans les e-mails.
forgot-link = Mot de passe oublié ?
forgot-title = Mot de passe oublié ?
forgot-lead = Saisissez l’adresse e-mail avec laquelle vous vous connectez. Si elle appartient à un compte, nous vous envoyons un lien pour choisir un nouveau mot de passe.
forgot-login = Adresse e-mail
forgot-submit = Envoyer le lien
forgot-back = Retour à la connexion
forgot-late = Veuillez patienter un peu.
    .text = Trop de liens ont été demandés depuis votre réseau. Vous pouvez réessayer { $wait }.
forgot-sent-title = Consultez votre messagerie
forgot-sent = Si un compte a l’adresse <strong>{ $login }</strong>, un e-mail est en route.
forgot-sent-next = Le lien qu’il contient est valable 30 minutes. Si rien n’arrive, vérifiez l’adresse et le dossier des e-mails indésirables, puis réessayez dans quelques minutes.
forgot-ask-title = Un nouveau mot de passe
forgot-ask = Ce site n’envoie pas d’e-mails. Demandez un nouveau mot de passe aux responsables de { $brand }.

reset-title = Choisissez un nouveau mot de passe
reset-lead = Choisissez un nouveau mot de passe pour votre compte.
reset-ends = Vous serez déconnecté partout. Votre application d’authentification reste la même.
reset-login = Nom d’utilisateur
reset-password = Nouveau mot de passe
reset-password-again = Nouveau mot de passe, encore une fois
reset-submit = Enregistrer le nouveau mot de passe
reset-done-title = Votre nouveau mot de passe est enregistré
reset-done = Vous êtes déconnecté partout. Vous pouvez fermer cette page, ou vous connecter maintenant avec le nouveau mot de passe et un code de votre application.
reset-gone-title = Ce lien ne fonctionne plus
reset-gone = Il a expiré, a été utilisé ou a été remplacé par un plus récent.
reset-gone-again = Demander un nouveau lien

not-me-title = Ce n’était pas vous ?
not-me-lead = Vous pouvez geler le compte <strong>{ $login }</strong>. Tout le monde est déconnecté aussitôt, et plus personne ne peut se connecter, pas même vous, jusqu’à ce que les responsables de { $brand } vous redonnent accès.
not-me-submit = Geler mon compte
not-me-stay = Si c’était vous, fermez cette page. Rien n’a changé.
not-me-done-title = Votre compte est gelé
not-me-done = Plus personne n’est connecté. Dites maintenant aux responsables de { $brand } ce qui s’est passé ; ils peuvent vous redonner accès.
not-me-gone-title = Ce lien ne fonctionne plus
not-me-gone = Il a expiré ou a été utilisé. Si vous pensez que quelqu’un d’autre est dans votre compte, dites-le aux responsables de { $brand }.
