# Recuperação com um código de recuperação.
recover-title = Recupere a sua conta
recover-lead = Use esta página se o seu telefone se perdeu, avariou ou foi trocado. Ao configurar a aplicação guardou dez códigos de recuperação; introduza um deles.
recover-lead-due = A sua conta esteve bloqueada e foi desbloqueada. Para iniciar sessão num navegador que nunca usou, use um código de recuperação: aqui não basta um código da aplicação. Ao configurar a aplicação guardou dez códigos de recuperação; introduza um deles.
recover-warning = <strong>A sua aplicação de autenticação antiga deixará de funcionar para esta conta.</strong> Os seus outros códigos de recuperação também, e a sua sessão terminará em todo o lado. Logo a seguir configura de novo uma aplicação.
recover-code = Código de recuperação
recover-hint = É parecido com este: <code>{ $example }</code>.
recover-submit = Iniciar recuperação
recover-known-browser = Também pode continuar num navegador em que já tenha iniciado sessão. Continua a funcionar.
recover-found = Encontrou o seu telefone?
recover-found-link = Introduzir um código da aplicação
recover-no-code = Também não tem um código de recuperação? Então só os responsáveis por { $brand } podem ajudar.
recover-due = Use um código de recuperação, por favor.
    .text = Aqui não basta um código da aplicação. Esta tentativa não foi contada.
recover-malformed = Isso não é um código de recuperação.
    .text = Um código de recuperação tem dezasseis letras e dígitos em grupos de quatro. Esta tentativa não foi contada.
recover-wrong = Esse código de recuperação não estava correto.
    .text = { $left ->
        [one] Verifique se já o usou e se é do seu conjunto mais recente. Resta uma tentativa.
       *[other] Verifique se já o usou e se é do seu conjunto mais recente. Restam { $left } tentativas.
    }
