# E-mails. Objet et texte sont du texte simple ; un bouton mène au lien.
mail-hello = Bonjour,
mail-hello-name = Bonjour { $name },
mail-sign-in-at = Vous vous connectez à l’adresse { $address }
mail-foot = { $brand } a envoyé ce message automatiquement, car il concerne votre compte. Personne ne lit les réponses.
mail-fact = { $name } : { $value }
mail-when = Quand
mail-waits-until = Fin de l’attente
mail-where = Adresse réseau
mail-browser = Navigateur
mail-browser-on = { $browser } sous { $system }
mail-browser-unknown = inconnu

mail-invitation = Votre invitation à { $brand }
    .text = Vous avez été invité à rejoindre { $brand }. Choisissez un mot de passe pour terminer votre inscription.
mail-invitation-link = Terminer l’inscription
    .text = Le lien est valable jusqu’au { $until }, ou jusqu’à ce que vous ayez tout configuré.
mail-invitation-next = À la première connexion, vous configurez une application d’authentification. Ayez votre téléphone à portée de main.

mail-enrolment = Configurez votre application d’authentification pour { $brand }
    .text = { $brand } demande un code d’une application d’authentification. Avec ce lien, vous pouvez en configurer une.
mail-enrolment-link = Configurer l’application
    .text = Le lien fonctionne une fois, jusqu’au { $until }. Il vous faut aussi votre mot de passe.
mail-enrolment-next = Ouvrez-le dans le navigateur où vous voulez vous connecter, et ayez votre téléphone à portée de main.

mail-reset = Un nouveau mot de passe pour { $brand }
    .text = Quelqu’un a demandé un nouveau mot de passe pour votre compte. Si c’était vous, ouvrez ce lien.
mail-reset-link = Choisir un nouveau mot de passe
    .text = Le lien fonctionne une fois, jusqu’au { $until }.
mail-reset-next = Si ce n’était pas vous, ne faites rien. Votre mot de passe reste le même.

mail-new-sign-in = Nouvelle connexion à { $brand }
    .text = Quelqu’un s’est connecté à votre compte avec votre mot de passe et un code, dans un navigateur que vous n’aviez pas encore utilisé.
mail-password-changed = Votre mot de passe pour { $brand } a été modifié
    .text = Le mot de passe de votre compte a été modifié.
mail-authenticator-replaced = Une autre application d’authentification pour { $brand }
    .text = Une autre application d’authentification a été configurée pour votre compte. La précédente ne fonctionne plus.
mail-authenticator-reset = Votre application d’authentification pour { $brand } a été retirée
    .text = Les responsables du site ont retiré l’application d’authentification de votre compte, afin qu’une nouvelle puisse être configurée.
mail-recovery-used = Votre compte { $brand } a été récupéré
    .text = Un code de récupération a été utilisé pour votre compte, ou un code par SMS avec un lien par e-mail. Votre application d’authentification et tous les codes de récupération ne fonctionnent plus.
mail-mobile-changed = Un autre mobile de récupération pour { $brand }
    .text = Le mobile de récupération de votre compte a été modifié.
mail-locked = Votre compte { $brand } est bloqué pour les nouveaux navigateurs
    .text = Il y a eu trop de codes incorrects pour votre compte depuis des navigateurs que vous n’aviez pas encore utilisés. Les nouveaux navigateurs ne peuvent pas se connecter pour l’instant.
mail-locked-known = Les navigateurs dans lesquels vous vous êtes déjà connecté fonctionnent toujours.
mail-locked-next = La personne qui a essayé connaît votre mot de passe. Si ce n’était pas vous, choisissez un autre mot de passe et demandez aux responsables du site de débloquer votre compte.

mail-it-was-me = Si c’était vous, il n’y a rien à faire.
mail-not-me = Ce n’était pas moi
    .text = Si ce n’était pas vous, ouvrez le lien et gelez votre compte : plus personne n’est connecté et personne ne peut entrer, jusqu’à ce que les responsables du site vous redonnent accès. Le lien fonctionne une fois, jusqu’au { $until }.

mail-act-waits = { $brand } : une action d’administration prendra effet dans 24 heures
    .text = Un administrateur a demandé une action qui prendra effet dans 24 heures.
mail-act-waits-next = La vue d’ensemble des pages d’administration indique de quoi il s’agit. Si cela ne doit pas avoir lieu, tout administrateur peut l’y annuler d’ici là.
mail-codes-renewed = Nouveaux codes de récupération pour { $brand }
    .text = De nouveaux codes de récupération ont été créés pour votre compte. Les précédents ne sont plus valables.
