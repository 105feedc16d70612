# The recovery mobile, recovery by text, and what texts and their mails say.
mobile-title = Mobile de récupération
mobile-ends-in = Se termine par { $ending }
mobile-none = Aucun pour le moment
mobile-step = Mobile
mobile-lead = Si vous perdez votre application et vos codes de récupération, nous pouvons envoyer un code à ce numéro. C’est recommandé, mais vous pouvez passer cette étape.
mobile-number = Numéro de mobile
mobile-hint = Avec l’indicatif du pays. Nous pouvons envoyer un SMS à : { $countries }
mobile-submit = Confirmer le mobile de récupération
mobile-skip = Passer pour le moment
mobile-only = Nous utilisons ce numéro pour la récupération seulement, jamais pour la connexion.
mobile-code-title = Saisissez le code reçu par SMS
mobile-code-lead = Un SMS avec un code à six chiffres est en route vers le numéro qui se termine par { $ending }. Il est valable dix minutes.
mobile-code = Code du SMS
mobile-code-submit = Confirmer
mobile-other = Utiliser un autre numéro
mobile-is = Votre mobile de récupération se termine par { $ending }.
mobile-from = Il peut servir à la récupération à partir du { $until }.
mobile-change-lead = Pour le changer, saisissez votre mot de passe et un code de votre application. Nous prévenons l’ancien numéro. Vos autres sessions se terminent, et vos autres navigateurs ne sont plus reconnus. Un nouveau numéro peut servir à la récupération après 72 heures.
mobile-remove = Retirer le mobile de récupération
mobile-done = Votre mobile de récupération a été modifié. Il peut servir à la récupération après 72 heures. Vous n’êtes plus connecté qu’ici.
mobile-removed = Votre mobile de récupération a été retiré. Vous n’êtes plus connecté qu’ici.

mobile-not-a-number = Ce n’est pas un numéro de mobile.
    .text = Écrivez-le avec un plus et l’indicatif du pays, comme +33 6 12 34 56 78.
mobile-country = Nous ne pouvons pas envoyer de SMS dans ce pays.
    .text = Nous pouvons envoyer un SMS aux numéros qui commencent par : { $countries }
mobile-kind = Ce numéro ne peut pas recevoir de SMS.
    .text = Saisissez le numéro d’un téléphone mobile.
mobile-refused = Nous n’avons pas pu envoyer de SMS à ce numéro.
    .text = Il a peut-être reçu trop de SMS aujourd’hui, ou n’en accepte pas. Rien n’a été modifié.
mobile-not-sent = Nous n’avons pas pu envoyer le SMS.
    .text = Rien n’a été modifié. Réessayez dans une minute, ou passez cette étape.
mobile-not-sent-inside = Nous n’avons pas pu envoyer le SMS.
    .text = Rien n’a été modifié. Réessayez dans une minute, avec un nouveau code de votre application.
mobile-slow-down = Veuillez patienter un peu.
    .text = Trop de SMS ont été demandés. Vous pouvez réessayer { $wait }. Rien n’a été modifié.
mobile-code-malformed = Ce n’est pas un code à six chiffres.
    .text = Saisissez les six chiffres du SMS. Cet essai n’a pas été compté.
mobile-code-wrong = Ce code n’était pas le bon.
    .text = { $left ->
        [one] Vérifiez le dernier SMS. Il vous reste un essai.
       *[other] Vérifiez le dernier SMS. Il vous reste { $left } essais.
    }
mobile-code-gone = Ce code n’est plus valable.
    .text = Il avait plus de dix minutes, ou a été essayé trop souvent. Saisissez à nouveau votre numéro pour en recevoir un autre.

mobile-recover-title = Par SMS et par e-mail
mobile-recover-lead = Si vous avez enregistré un mobile de récupération, nous pouvons vous envoyer un code par SMS et un lien par e-mail. Il vous faut les deux. Dans la journée qui suit un nouveau mot de passe par e-mail, les responsables de ce site doivent d’abord débloquer votre compte.
mobile-recover-submit = M’envoyer un code par SMS
mobile-recover-asked = Si un mobile de récupération est enregistré pour ce compte, nous avons envoyé deux choses. Elles sont valables dix minutes.
mobile-recover-mail = Un e-mail : ouvrez son lien, sur n’importe quel appareil, et appuyez sur le bouton.
mobile-recover-code = Un SMS : saisissez son code ici.
mobile-recover-again = Envoyer les deux à nouveau
mobile-recover-nothing = Rien n’arrive ? Il n’y a peut-être pas de mobile de récupération, ou il ne peut pas servir maintenant. Utilisez un code de récupération, ou adressez-vous aux responsables de ce site.
mobile-recover-open-mail = Le code était bon. Ouvrez maintenant le lien de notre e-mail, sur n’importe quel appareil, et appuyez sur le bouton. Puis continuez ici.
mobile-recover-waits = Le code et le lien étaient bons. Par prudence, la récupération attend jusqu’au { $until }. Connectez-vous alors à nouveau ici, et demandez un nouveau code et un nouveau lien.
mobile-recover-go = Continuer
mobile-recover-wrong = Ce code n’était pas le bon.
    .text = { $left ->
        [one] Vérifiez le dernier SMS. Il vous reste un essai.
       *[other] Vérifiez le dernier SMS. Il vous reste { $left } essais.
    }

mobile-link-title = Êtes-vous en train de récupérer votre compte ?
mobile-link-lead = Quelqu’un a saisi le mot de passe de <strong>{ $login }</strong> chez { $brand } et a perdu l’application d’authentification.
mobile-link-warning = N’appuyez sur le bouton que si c’est vous. Sinon, cette personne pourrait configurer sa propre application.
mobile-link-submit = Oui, c’est moi
mobile-link-stay = Si ce n’est pas vous, fermez cette page et changez bientôt de mot de passe : quelqu’un le connaît.
mobile-link-done-title = Merci
mobile-link-done = Continuez maintenant dans le navigateur où vous avez saisi votre mot de passe. Vous pouvez fermer cette page.
mobile-link-gone-title = Ce lien ne fonctionne plus
mobile-link-gone = Il a expiré, a été remplacé par un plus récent, ou a déjà servi. Connectez-vous à nouveau pour en recevoir un autre.

mobile-mail = Récupérez votre compte chez { $brand }
    .text = Quelqu’un a saisi votre mot de passe et demande à récupérer votre compte avec un code par SMS et cet e-mail.
mobile-mail-link = Je récupère mon compte
    .text = Ouvrez le lien sur n’importe quel appareil et appuyez sur le bouton. Il fonctionne jusqu’au { $until }.
mobile-mail-next = Ce lien seul ne connecte personne.
mobile-mail-not-me = Si ce n’était pas vous, ne faites rien ici. Mais quelqu’un connaît votre mot de passe : choisissez-en un autre.
mobile-mail-waits = La récupération de votre compte chez { $brand } a commencé
    .text = Quelqu’un a fourni votre mot de passe, un code reçu par SMS et un lien reçu par e-mail. Après un délai, cette personne pourra configurer une autre application d’authentification.
mobile-text-code = { $brand } : { $code } est votre code. Valable 10 minutes. Nous ne le demandons jamais.
mobile-text-changed = { $brand } : ce mobile ne sert plus pour votre compte. Pas vous ? Voyez notre e-mail.
mobile-text-waits = { $brand } : reprise de votre compte en attente, fin : { $until }. Pas vous ? Voyez notre e-mail.
