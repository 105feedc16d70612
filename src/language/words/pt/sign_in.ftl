# Primeira página, segunda página, confirmação, fim de sessão.
sign-in-title = Iniciar sessão
sign-in-login = Endereço de e-mail
sign-in-password = Palavra-passe
sign-in-next = Depois da palavra-passe, ser-lhe-á pedido o código de seis dígitos da sua aplicação de autenticação.
sign-in-ended = A sua sessão terminou. Inicie sessão de novo.
sign-in-expired = Passou algum tempo, por isso voltamos a pedir a sua palavra-passe.
sign-in-signed-out = A sessão foi terminada. Num computador partilhado, feche também o navegador.
sign-in-recovery = A recuperação começa com a sua palavra-passe. Na página seguinte, escolha «Iniciar recuperação».
sign-in-password-set = Já tem uma palavra-passe. Inicie sessão com ela para continuar.
sign-in-refused = Não foi possível iniciar sessão.
    .text = O endereço de e-mail ou a palavra-passe não estão corretos. Verifique ambos e tente novamente.
sign-in-slow-down = Aguarde um pouco, por favor.
    .text = Houve demasiadas tentativas falhadas. Pode tentar novamente { $wait }.

code-label = Código
code-label-long = Código de seis dígitos
code-malformed = Isso não é um código de seis dígitos.
    .text = Introduza os seis dígitos que a sua aplicação mostra agora. Esta tentativa não foi contada.
code-wrong = Esse código não estava correto.
    .text = { $left ->
        [one] Verifique se é o código desta conta e se o relógio do seu telefone é acertado automaticamente. Resta uma tentativa.
       *[other] Verifique se é o código desta conta e se o relógio do seu telefone é acertado automaticamente. Restam { $left } tentativas.
    }
code-used = Aguarde o código seguinte, por favor.
    .text = Cada código serve uma só vez, e este já foi usado para chegar aqui. A sua aplicação mostra o seguinte { $wait }.
code-slow-down = Aguarde um pouco, por favor.
    .text = Chegaram demasiados códigos errados da sua rede. Pode tentar novamente { $wait }.
code-stale = Esta página esteve aberta durante algum tempo.
    .text = Por segurança, introduza o código que a sua aplicação mostra agora.

verify-title = Introduza o seu código
verify-lead = Abra a aplicação de autenticação no seu telefone e introduza o código de seis dígitos que ela mostra para esta conta.
verify-submit = Enviar código OTP
verify-enrolled-title = Um último código
verify-enrolled-lead = Abra mais uma vez a sua aplicação de autenticação. Quando mostrar um código novo, introduza-o aqui: isso prova que a aplicação funciona e dá-lhe acesso.
verify-enrolled-submit = Verificar
verify-shared = Este é um computador partilhado
    .text = A sessão termina quando o navegador for fechado.
verify-trouble = Tem problemas para aceder à sua conta?
verify-start-recovery = Iniciar recuperação

confirm-title = Confirme a sua identidade
confirm-why = A sua organização pede um código novo <strong>{ $every }</strong>.
confirm-early = O seu ainda é válido; pode introduzir já um novo, e o prazo recomeça.
confirm-late = A sua sessão como { $login } continua aberta, e nada do que fez se perdeu.
confirm-submit = Verificar
confirm-app = Abra a aplicação de autenticação no seu telefone para ver o seu código.
confirm-to-start = Depois segue para a página inicial de { $portal }.
confirm-to-place = Depois segue para <span class="path">{ $place }</span>.

locked-title = Conta bloqueada
locked-headline = A sua conta está bloqueada neste navegador
locked-why = Houve demasiados códigos errados para { $login } a partir de navegadores que nunca tinha usado. Para proteger a sua conta, por agora não é possível iniciar sessão em navegadores novos.
locked-what-to-do = O que pode fazer
locked-known-browser = Continue num navegador em que já tenha iniciado sessão. Continua a funcionar.
locked-ask = Ou peça aos responsáveis por { $brand } que desbloqueiem a sua conta. Só eles o podem fazer: a partir desta página não é possível.
locked-operator = Para eles: <code>vestibule user unlock</code> com o seu identificador. Se também perdeu o telefone, tenha à mão um código de recuperação ou avise-os.

sign-out-title = Terminar sessão
sign-out-ask = Deseja terminar a sessão?
sign-out-what = A sua sessão em { $portal } está aberta como <strong>{ $login }</strong>. O que não guardou aí pode perder-se.
sign-out-stay = Manter a sessão aberta
sign-out-stale = A sua sessão continua aberta.
    .text = Esta página esteve aberta durante algum tempo. Prima o botão de novo para terminar a sessão.
