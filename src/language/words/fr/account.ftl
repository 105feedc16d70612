# La page du compte.
account-title = Votre compte
account-login = Connecté en tant que
account-groups = Groupes
account-next-code = Prochain code à saisir
account-every = Votre organisation en demande un nouveau { $every }.
account-go = Aller à { $portal }
account-enter-code = Saisir un code maintenant
