# Recuperação com um código de recuperação.
recover-title = Recupere a sua conta
recover-lead = Use esta página se o seu celular foi perdido, quebrou ou foi trocado. Ao configurar o aplicativo, você salvou dez códigos de recuperação; digite um deles.
recover-lead-due = A sua conta foi bloqueada e depois desbloqueada. Para entrar em um navegador que você nunca usou, é preciso um código de recuperação: aqui não basta um código do aplicativo. Ao configurar o aplicativo, você salvou dez códigos de recuperação; digite um deles.
recover-half-way = A sua senha estava certa. A sua conta foi recuperada, mas um novo aplicativo autenticador não foi configurado a tempo, ou não neste navegador. O aplicativo antigo e todos os códigos de recuperação não funcionam mais.
recover-half-way-ask = Sem celular de recuperação, ou não chega nada? Peça um novo link aos responsáveis por { $brand }.
recover-warning = <strong>O seu aplicativo autenticador antigo vai deixar de funcionar para esta conta.</strong> Os seus outros códigos de recuperação também, e você será desconectado em todos os lugares. Logo depois, você configura um aplicativo de novo.
recover-code = Código de recuperação
recover-hint = Ele se parece com <code>{ $example }</code>.
recover-submit = Iniciar recuperação
recover-known-browser = Você também pode continuar em um navegador em que já entrou. Ele continua funcionando.
recover-found = Encontrou o seu celular?
recover-found-link = Digitar um código do aplicativo
recover-no-code = Também não tem um código de recuperação? Então só os responsáveis por { $brand } podem ajudar.
recover-due = Use um código de recuperação.
    .text = Aqui não basta um código do aplicativo. Esta tentativa não foi contada.
recover-malformed = Isso não é um código de recuperação.
    .text = Um código de recuperação tem dezesseis letras e dígitos em grupos de quatro. Esta tentativa não foi contada.
recover-wrong = Esse código de recuperação não estava certo.
    .text = { $left ->
        [one] Verifique se ele já foi usado e se é do seu conjunto mais recente. Você tem mais uma tentativa.
       *[other] Verifique se ele já foi usado e se é do seu conjunto mais recente. Você tem mais { $left } tentativas.
    }
