# O que você pode mudar na sua própria conta: senha, aplicativo, códigos de recuperação.
security-title = A sua segurança
security-back = Voltar para a sua conta
security-entered = Último código digitado
security-confirm-back = Depois você volta para a sua conta.
security-code = Código de seis dígitos do seu aplicativo
security-stale = Esta página ficou aberta por um tempo.
    .text = Nada foi alterado. Por segurança, preencha mais uma vez.
security-crowded = Foi demais de uma vez.
    .text = Este formulário não alterou nada. Tente de novo em alguns segundos.
security-wrong-password = Essa senha não estava certa.
    .text = { $left ->
        [one] Digite a senha com que você entra. O seu código não foi gasto. Você tem mais uma tentativa.
       *[other] Digite a senha com que você entra. O seu código não foi gasto. Você tem mais { $left } tentativas.
    }

security-password = Senha
security-password-what = Mudar a senha com que você entra
security-password-title = Mude a sua senha
security-password-lead = Você continua conectado aqui. As suas outras sessões são encerradas, e os seus outros navegadores deixam de ser conhecidos.
security-current-password = Senha atual
security-new-password = Nova senha
security-new-password-again = Nova senha, de novo
security-password-submit = Mudar senha
security-password-same = Essa é a senha que você tem agora.
    .text = Escolha uma que você ainda não usou aqui.
security-password-done = A sua senha foi alterada. Você continua conectado aqui, e em nenhum outro lugar.

security-mfa = Aplicativo autenticador
security-mfa-what = Trocar, por exemplo por um celular novo
security-mfa-title = Troque o seu aplicativo autenticador
security-mfa-lead = Para um celular novo ou outro aplicativo. Você precisa do antigo mais uma vez: digite a sua senha e o código que ele mostra agora. Em seguida, você lê um novo código QR.
security-old-code = Código de seis dígitos do aplicativo antigo
security-mfa-start = Mostrar o novo código QR
security-mfa-then = O aplicativo antigo vale até que um código do novo seja aceito. Então as suas outras sessões são encerradas, os seus outros navegadores deixam de ser conhecidos, e você recebe novos códigos de recuperação.
security-mfa-lost = Não tem mais o aplicativo antigo? Saia, entre com a sua senha e escolha “Iniciar recuperação”. Para isso você precisa de um código de recuperação.
security-mfa-code-lead = O aplicativo mostra agora um código de seis dígitos para { $issuer }. Até você digitar um código certo, o seu aplicativo antigo continua valendo.
security-mfa-submit = Trocar o aplicativo autenticador
security-mfa-keep = Ficar com o antigo
security-mfa-begin-again = Esse código QR não vale mais.
    .text = Para trocar o seu aplicativo autenticador, comece aqui de novo.

security-codes = Códigos de recuperação
security-codes-what = Obter novos, para o caso de perder o celular
security-codes-title = Novos códigos de recuperação
security-codes-lead = Se um dia o seu celular for perdido, quebrar ou for trocado, um código de recuperação libera o seu acesso. Peça novos se você usou ou perdeu alguns, ou se acha que alguém os viu.
security-codes-warning = <strong>Os seus códigos de recuperação antigos deixam de valer na hora.</strong> As suas outras sessões são encerradas, e os seus outros navegadores deixam de ser conhecidos.
security-codes-submit = Obter novos códigos de recuperação
security-codes-made = Você tem novos códigos de recuperação; os antigos não valem mais. Se um dia o seu celular for perdido, quebrar ou for trocado, um deles libera o seu acesso.
security-codes-unsaved = Você tem novos códigos que ainda não foram salvos.
security-codes-save = Salvar agora
security-codes-done = Os seus novos códigos de recuperação foram salvos. Os antigos não valem mais.
