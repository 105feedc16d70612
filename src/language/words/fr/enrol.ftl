# Configuration d’une application d’authentification, et codes de récupération.
steps = Étapes
step-app = Application
step-scan = Scanner
step-confirm = Confirmer
step-save = Codes
step-last = Fin

enrol-title = Configurez votre application d’authentification
enrol-hello = Bonjour
enrol-hello-name = Bonjour { $name }
enrol-lead = Ce lien vous permet de configurer une application d’authentification pour <strong>{ $login }</strong>.
enrol-step-password = Connectez-vous avec le mot de passe que vous avez déjà.
enrol-step-scan = Scannez un code QR avec votre téléphone.
enrol-step-codes = Conservez vos nouveaux codes de récupération.
enrol-until = Restez dans ce navigateur jusqu’à la fin, au plus tard le { $date }.

new-link-title = Il faut un nouveau lien
new-link-headline = Il vous faut un nouveau lien
new-link-gone = Ce lien a expiré, a déjà servi ou a été remplacé par un plus récent.
new-link-missing = Aucun lien d’inscription n’a été ouvert dans ce navigateur, ou il a expiré.
new-link-needed = Votre mot de passe est correct, mais aucune application d’authentification n’est encore configurée pour votre compte, et le lien qui le permet n’a pas été ouvert dans ce navigateur.
new-link-half-way = Votre mot de passe est correct. Votre compte a été récupéré, mais aucune nouvelle application d’authentification n’a été configurée à temps, ou pas dans ce navigateur. L’ancienne application et tous les codes de récupération ne fonctionnent plus.
new-link-what-next = Ce qu’il faut faire maintenant
new-link-ask = Demandez un nouveau lien aux responsables de { $brand }. Ouvrez-le dans le navigateur avec lequel vous voulez vous connecter.
new-link-why = Un mot de passe seul ne permet jamais de configurer une application d’authentification. Ainsi, personne qui aurait appris votre mot de passe ne peut remplacer votre téléphone par le sien.
new-link-back = Retour à la connexion

setup-start-title = Configurez l’authentification à plusieurs facteurs
setup-start-why = { $brand } demande, en plus de votre mot de passe, un code à six chiffres de votre téléphone. Un mot de passe peut être deviné ou volé ; votre téléphone reste avec vous.
setup-start-time = La configuration prend environ deux minutes. Il vous faut votre téléphone.
setup-start-submit = Configurer la MFA et accéder au compte
setup-start-mfa = L’authentification à plusieurs facteurs (MFA), c’est quelque chose que vous savez et quelque chose que vous avez.

setup-title = Configurez votre application d’authentification
setup-app = Installez une application
setup-app-lead = Si votre téléphone en a déjà une, passez à l’étape 2.
setup-recommended = Recommandée
setup-for-iphone = { $app } pour iPhone
setup-for-android = { $app } pour Android
setup-how = Comment ajouter un compte
setup-how-in = dans { $app }
setup-other-app = Toute autre application
setup-scan = Scannez ce code QR
setup-scan-lead = Dans l’application, ajoutez un compte et dirigez l’appareil photo vers cette image.
setup-qr = code QR pour votre application d’authentification. La même clé figure en dessous sous forme de texte.
setup-on-phone = Ouvrir dans une application de cet appareil
setup-by-hand = Ou saisissez cette clé à la main
setup-account = Compte : { $login }. Type : basé sur l’heure, six chiffres.
setup-code = Saisissez le code affiché
setup-code-lead = L’application affiche maintenant un code à six chiffres pour { $issuer }. Rien n’est activé tant que vous n’en avez pas saisi un qui soit correct.
setup-submit = Activer l’authentification à plusieurs facteurs
setup-begin-again = Le code QR a expiré.
    .text = En voici un nouveau. Supprimez l’ancienne entrée de votre application et scannez celui-ci à la place.

app-plus = Ouvrez l’application et touchez le signe plus.
app-plus-or-add = Ouvrez l’application et touchez le signe plus ou « Ajouter un compte ».
app-add = Ouvrez l’application et touchez « Ajouter un compte ».
app-scan-qr = Choisissez « Scanner un code QR ».
app-other-account = Choisissez « Autre compte » ; « Compte professionnel ou scolaire » convient aussi.
app-authy-scan = Touchez « Scanner le code QR » et autorisez l’appareil photo.
app-barcode = Touchez « Scanner le code-barres ».
app-point = Dirigez l’appareil photo vers l’image de l’étape 2.
app-allow-point = Autorisez l’appareil photo et dirigez-le vers l’image de l’étape 2.
app-point-save = Dirigez-le vers l’image de l’étape 2, puis enregistrez.
app-any = Toute application qui affiche des codes à six chiffres basés sur l’heure convient ; souvent aussi un gestionnaire de mots de passe.
app-look-for = Cherchez « Ajouter un compte » ou « Code à usage unique ».
app-scan-or-key = Scannez l’image de l’étape 2 ou saisissez la clé à la main.

codes-title = Enregistrez vos codes de récupération
codes-of = Codes de récupération de { $login } pour { $portal }
codes-paper = Chacun sert une fois, à la place de votre téléphone. Gardez cette feuille là où personne d’autre ne la trouvera.
codes-lead = Votre application d’authentification est configurée. Si un jour votre téléphone est perdu, cassé ou remplacé, un code de récupération vous donne accès.
codes-warning = <strong>Gardez-les en lieu sûr, et pas seulement sur votre téléphone.</strong> Sans votre téléphone et sans code de récupération, vous ne pourrez plus accéder seul à votre compte. Chaque code sert une fois. Quiconque en possède un et connaît votre mot de passe peut se passer de votre téléphone.
codes-download = Télécharger les codes de récupération
codes-show = Les afficher sur cette page
codes-saved = Je les ai enregistrés
codes-next = Suivant
codes-not-saved = Vos codes de récupération ne sont pas encore enregistrés.
    .text = Téléchargez-les, ou affichez-les sur cette page et cochez la case une fois que vous les avez enregistrés.

# Le fichier à conserver
codes-file-title = Codes de récupération
codes-file-for = Pour : { $brand }
codes-file-login = Compte : { $login }
codes-file-made = Créés le : { $date }
codes-file-lead = Chacun de ces codes vous donne accès une fois si vous perdez votre application d’authentification :
codes-file-warning = Quiconque en possède un et connaît votre mot de passe peut prendre le contrôle de votre compte.
codes-file-keep = Imprimez cette page ou conservez-la dans un gestionnaire de mots de passe, pas sur le téléphone qui affiche vos codes, et ne l’envoyez à personne. Une série plus récente remplace celle-ci.
