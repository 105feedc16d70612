# Récupération par code de récupération.
recover-title = Récupérez votre compte
recover-lead = Utilisez cette page si votre téléphone est perdu, cassé ou remplacé. Vous avez enregistré dix codes de récupération lors de la configuration de votre application ; saisissez l’un d’eux.
recover-lead-due = Votre compte a été bloqué, puis débloqué. Pour vous connecter depuis un navigateur que vous n’avez jamais utilisé, il faut un code de récupération : un code de l’application ne suffit pas ici. Vous avez enregistré dix codes de récupération lors de la configuration de votre application ; saisissez l’un d’eux.
recover-half-way = Votre mot de passe est correct. Votre compte a été récupéré, mais aucune nouvelle application d’authentification n’a été configurée à temps, ou pas dans ce navigateur. L’ancienne application et tous les codes de récupération ne fonctionnent plus.
recover-half-way-ask = Pas de mobile de récupération, ou rien n’arrive ? Demandez un nouveau lien aux responsables de { $brand }.
recover-warning = <strong>Votre ancienne application d’authentification ne fonctionnera plus pour ce compte.</strong> Vos autres codes de récupération non plus, et vous serez déconnecté partout. Juste après, vous configurerez de nouveau une application.
recover-code = Code de récupération
recover-hint = Il ressemble à <code>{ $example }</code>.
recover-submit = Lancer la récupération
recover-known-browser = Vous pouvez aussi continuer dans un navigateur où vous vous êtes déjà connecté. Il fonctionne toujours.
recover-found = Vous avez retrouvé votre téléphone ?
recover-found-link = Saisir un code de l’application
recover-no-code = Pas de code de récupération non plus ? Alors seuls les responsables de { $brand } peuvent vous aider.
recover-due = Veuillez utiliser un code de récupération.
    .text = Ici, un code de l’application ne suffit pas. Cet essai n’a pas été compté.
recover-malformed = Ce n’est pas un code de récupération.
    .text = Un code de récupération compte seize lettres et chiffres, par groupes de quatre. Cet essai n’a pas été compté.
recover-wrong = Ce code de récupération n’était pas le bon.
    .text = { $left ->
        [one] Vérifiez que vous ne l’avez pas déjà utilisé et qu’il fait partie de votre série la plus récente. Il vous reste un essai.
       *[other] Vérifiez que vous ne l’avez pas déjà utilisé et qu’il fait partie de votre série la plus récente. Il vous reste { $left } essais.
    }
