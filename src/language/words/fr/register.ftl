# Inscription : le premier mot de passe.
register-title = Bienvenue
register-welcome = Bienvenue, { $name }
register-lead = Vous avez été invité à rejoindre <strong>{ $portal }</strong>. Choisissez un mot de passe pour terminer votre inscription.
register-login = Nom d’utilisateur
register-password = Mot de passe souhaité
register-password-again = Mot de passe souhaité, encore une fois
register-submit = Terminer l’inscription
register-same = Les deux mots de passe correspondent.
register-other = Les deux mots de passe ne correspondent pas encore.
register-mismatch = Les deux mots de passe ne sont pas identiques.
    .text = Saisissez deux fois votre nouveau mot de passe, à l’identique.

password-needs = Il faut dans un mot de passe :
password-lower = une lettre minuscule (a–z)
password-upper = une lettre majuscule (A–Z)
password-digit = un chiffre (0–9)
password-special = un caractère spécial (par exemple ! # $ %)
password-length = { $number ->
    [one] au moins { $number } caractère
   *[other] au moins { $number } caractères
}
password-done = (fait)
password-missing = (manque encore)
password-passphrase = À partir de { $number } caractères, tout mélange convient : quelques mots que personne ne devinerait suffisent.
password-weak = Veuillez choisir un autre mot de passe.
    .text = Ce qui est marqué dans la liste ci-dessous manque encore.
password-common = Il est trop proche de l’un des mots de passe les plus utilisés, et ceux-ci sont essayés en premier.
password-guessable = Il suit un schéma vite deviné. Des mots sans rapport ou un mot de passe aléatoire conviennent mieux.
password-contains-login = Il contient votre nom d’utilisateur.
password-too-long = Il est plus long que ce que nous pouvons accepter.
password-forbidden = Il contient un caractère qu’on ne peut pas saisir partout, par exemple une tabulation.

registered-title = Inscription terminée
registered-lead = Votre mot de passe est défini. Vous pouvez fermer cette page ou continuer maintenant.
registered-login = Votre nom d’utilisateur
registered-address = Connectez-vous à tout moment à l’adresse
registered-next = À votre première connexion, vous configurerez une application d’authentification. Ayez votre téléphone à portée de main et faites-le au plus tard le { $date }, dans ce navigateur ou avec le lien que vous avez reçu.

link-done-title = Vous êtes déjà inscrit
link-done-lead = Ce lien a rempli son rôle : votre mot de passe et votre application d’authentification sont configurés. Vous n’en avez plus besoin.
link-done-not-you = Si ce n’était pas vous, prévenez les responsables de { $brand }.
