# O que pode mudar na sua própria conta: palavra-passe, aplicação, códigos de recuperação.
security-title = A sua segurança
security-back = Voltar à sua conta
security-entered = Último código introduzido
security-confirm-back = Depois volta à sua conta.
security-code = Código de seis dígitos da sua aplicação
security-stale = Esta página esteve aberta algum tempo.
    .text = Nada foi mudado. Por segurança, preencha-a mais uma vez.
security-crowded = Foi demasiado de uma vez.
    .text = Este formulário não mudou nada. Tente de novo dentro de alguns segundos.
security-wrong-password = Essa palavra-passe não estava correta.
    .text = { $left ->
        [one] Introduza a palavra-passe com que inicia sessão. O seu código não foi gasto. Resta-lhe uma tentativa.
       *[other] Introduza a palavra-passe com que inicia sessão. O seu código não foi gasto. Restam-lhe { $left } tentativas.
    }

security-password = Palavra-passe
security-password-what = Mudar a palavra-passe com que inicia sessão
security-password-title = Mude a sua palavra-passe
security-password-lead = Aqui a sua sessão continua. As suas outras sessões terminam, e os seus outros navegadores deixam de ser conhecidos.
security-current-password = Palavra-passe atual
security-new-password = Nova palavra-passe
security-new-password-again = Nova palavra-passe, de novo
security-password-submit = Mudar palavra-passe
security-password-same = Essa é a palavra-passe que tem agora.
    .text = Escolha uma que ainda não tenha usado aqui.
security-password-done = A sua palavra-passe foi mudada. A sua sessão continua aqui, e em mais lado nenhum.

security-mfa = Aplicação de autenticação
security-mfa-what = Substituí-la, por exemplo por um telemóvel novo
security-mfa-title = Substitua a sua aplicação de autenticação
security-mfa-lead = Para um telemóvel novo ou outra aplicação. Precisa da antiga mais uma vez: introduza a sua palavra-passe e o código que ela mostra agora. A seguir lê um novo código QR.
security-old-code = Código de seis dígitos da aplicação antiga
security-mfa-start = Mostrar o novo código QR
security-mfa-then = A aplicação antiga vale até ser aceite um código da nova. Então as suas outras sessões terminam, os seus outros navegadores deixam de ser conhecidos, e recebe novos códigos de recuperação.
security-mfa-lost = Já não tem a aplicação antiga? Termine a sessão, inicie-a com a sua palavra-passe e escolha «Iniciar recuperação». Para isso precisa de um código de recuperação.
security-mfa-code-lead = A aplicação mostra agora um código de seis dígitos para { $issuer }. Até introduzir um correto, a sua aplicação antiga continua a valer.
security-mfa-submit = Substituir a aplicação de autenticação
security-mfa-keep = Ficar com a antiga
security-mfa-begin-again = Esse código QR já não é válido.
    .text = Para substituir a sua aplicação de autenticação, comece aqui de novo.

security-codes = Códigos de recuperação
security-codes-what = Obter novos, para o caso de perder o telemóvel
security-codes-title = Novos códigos de recuperação
security-codes-lead = Se alguma vez perder, partir ou trocar o telemóvel, um código de recuperação deixa-o entrar. Peça novos se usou ou perdeu alguns, ou se acha que alguém os viu.
security-codes-warning = <strong>Os seus códigos de recuperação antigos deixam logo de valer.</strong> As suas outras sessões terminam, e os seus outros navegadores deixam de ser conhecidos.
security-codes-submit = Obter novos códigos de recuperação
security-codes-made = Tem novos códigos de recuperação; os antigos já não valem. Se alguma vez perder, partir ou trocar o telemóvel, um deles deixa-o entrar.
security-codes-unsaved = Tem novos códigos que ainda não estão guardados.
security-codes-save = Guardá-los agora
security-codes-done = Os seus novos códigos de recuperação estão guardados. Os antigos já não valem.
