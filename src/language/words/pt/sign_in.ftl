# Primeira página, segunda página, confirmação, saída.
sign-in-title = Entrar
sign-in-login = E-mail
sign-in-password = Senha
sign-in-next = Depois da senha, será pedido o código de seis dígitos do seu aplicativo autenticador.
sign-in-ended = A sua sessão terminou. Entre de novo.
sign-in-expired = Passou algum tempo, por isso pedimos a sua senha outra vez.
sign-in-signed-out = Você saiu. Em um computador compartilhado, feche também o navegador.
sign-in-recovery = A recuperação começa com a sua senha. Na página seguinte, escolha “Iniciar recuperação”.
sign-in-password-set = Você já tem uma senha. Entre com ela para continuar.
sign-in-refused = Não foi possível entrar.
    .text = O e-mail ou a senha não está certo. Verifique os dois e tente de novo.
sign-in-slow-down = Espere um pouco.
    .text = Houve tentativas erradas demais. Você pode tentar de novo { $wait }.

code-label = Código
code-label-long = Código de seis dígitos
code-malformed = Isso não é um código de seis dígitos.
    .text = Digite os seis dígitos que o seu aplicativo mostra agora. Esta tentativa não foi contada.
code-wrong = Esse código não estava certo.
    .text = { $left ->
        [one] Verifique se é o código desta conta e se o relógio do seu celular é ajustado automaticamente. Você tem mais uma tentativa.
       *[other] Verifique se é o código desta conta e se o relógio do seu celular é ajustado automaticamente. Você tem mais { $left } tentativas.
    }
code-used = Espere o próximo código.
    .text = Cada código funciona uma vez, e você usou este para chegar aqui. O seu aplicativo mostra o próximo { $wait }.
code-slow-down = Espere um pouco.
    .text = Chegaram códigos errados demais da sua rede. Você pode tentar de novo { $wait }.
code-stale = Esta página ficou aberta por um tempo.
    .text = Por segurança, digite o código que o seu aplicativo mostra agora.

verify-title = Digite o seu código
verify-lead = Abra o aplicativo autenticador no seu celular e digite o código de seis dígitos que ele mostra para esta conta.
verify-submit = Enviar código OTP
verify-enrolled-title = Um último código
verify-enrolled-lead = Abra mais uma vez o seu aplicativo autenticador. Quando ele mostrar um código novo, digite-o aqui: isso prova que o aplicativo funciona e libera o seu acesso.
verify-enrolled-submit = Verificar
verify-shared = Este é um computador compartilhado
    .text = Você sai quando o navegador é fechado.
verify-trouble = Está com problemas para acessar a sua conta?
verify-start-recovery = Iniciar recuperação

confirm-title = Confirme que é você
confirm-why = A sua organização pede um novo código <strong>{ $every }</strong>.
confirm-early = O seu ainda vale; você pode digitar um novo antes, e o prazo recomeça.
confirm-late = Você continua conectado como { $login }, e nada do que você fez se perdeu.
confirm-submit = Verificar
confirm-app = Abra o aplicativo autenticador no seu celular para ver o seu código.
confirm-to-start = Depois você vai para a página inicial de { $portal }.
confirm-to-place = Depois você vai para <span class="path">{ $place }</span>.

locked-title = Conta bloqueada
locked-headline = A sua conta está bloqueada neste navegador
locked-why = Houve códigos errados demais para { $login } em navegadores que você nunca usou. Para proteger a sua conta, por enquanto não é possível entrar em novos navegadores.
locked-what-to-do = O que você pode fazer
locked-known-browser = Continue em um navegador em que você já entrou. Ele continua funcionando.
locked-ask = Ou peça aos responsáveis por { $brand } que desbloqueiem a sua conta. Só eles podem fazer isso: a partir desta página não é possível.
locked-operator = Para eles: <code>vestibule user unlock</code> com o seu usuário. Se você também perdeu o celular, tenha à mão um código de recuperação ou avise os responsáveis.

sign-out-title = Sair
sign-out-ask = Quer sair?
sign-out-what = Você está conectado a { $portal } como <strong>{ $login }</strong>. O que você não salvou lá pode se perder.
sign-out-stay = Continuar conectado
sign-out-stale = Você continua conectado.
    .text = Esta página ficou aberta por um tempo. Aperte o botão de novo para sair.

# On the way to another host
handoff-title = Você entrou
handoff-lead = Você vai continuar para { $portal }.
handoff-go = Continuar para { $portal }
