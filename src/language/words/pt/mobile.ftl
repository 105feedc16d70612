# The recovery mobile, recovery by text, and what texts and their mails say.
mobile-title = Celular de recuperação
mobile-ends-in = Termina em { $ending }
mobile-none = Ainda nenhum
mobile-step = Celular
mobile-lead = Se você perder o aplicativo e os códigos de recuperação, podemos enviar um código a este número. É recomendado, mas você pode pular.
mobile-number = Número de celular
mobile-hint = Com o código do país. Podemos enviar para: { $countries }
mobile-submit = Confirmar o celular de recuperação
mobile-skip = Pular por enquanto
mobile-only = Usamos o número só para a recuperação, nunca para entrar.
mobile-code-title = Digite o código do SMS
mobile-code-lead = Um SMS com um código de seis dígitos está a caminho do número que termina em { $ending }. Ele vale dez minutos.
mobile-code = Código do SMS
mobile-code-submit = Confirmar
mobile-other = Usar outro número
mobile-is = O seu celular de recuperação termina em { $ending }.
mobile-from = Ele serve para a recuperação a partir de { $until }.
mobile-change-lead = Para mudar, digite a sua senha e um código do aplicativo. Avisamos o número antigo. As suas outras sessões são encerradas, e os seus outros navegadores deixam de ser conhecidos. Um número novo serve para a recuperação depois de 72 horas.
mobile-remove = Remover o celular de recuperação
mobile-done = O seu celular de recuperação foi mudado. Ele serve para a recuperação depois de 72 horas. Você continua conectado só aqui.
mobile-removed = O seu celular de recuperação foi removido. Você continua conectado só aqui.

mobile-not-a-number = Isso não é um número de celular.
    .text = Escreva com um mais e o código do país, como +55 11 91234-5678.
mobile-country = Não podemos enviar SMS para esse país.
    .text = Podemos enviar a números que começam com: { $countries }
mobile-kind = Esse número não recebe SMS.
    .text = Digite o número de um celular.
mobile-refused = Não conseguimos enviar a esse número.
    .text = Talvez ele tenha recebido SMS demais hoje, ou não aceite nenhum. Nada foi mudado.
mobile-not-sent = Não conseguimos enviar o SMS.
    .text = Nada foi mudado. Tente de novo em um minuto, ou pule esta etapa.
mobile-not-sent-inside = Não conseguimos enviar o SMS.
    .text = Nada foi mudado. Tente de novo em um minuto, com um código novo do aplicativo.
mobile-slow-down = Espere um pouco.
    .text = Foram pedidos SMS demais. Você pode tentar de novo { $wait }. Nada foi mudado.
mobile-code-malformed = Isso não é um código de seis dígitos.
    .text = Digite os seis dígitos do SMS. Esta tentativa não foi contada.
mobile-code-wrong = Esse código não estava certo.
    .text = { $left ->
        [one] Veja o SMS mais recente. Você tem mais uma tentativa.
       *[other] Veja o SMS mais recente. Você tem mais { $left } tentativas.
    }
mobile-code-gone = Esse código não vale mais.
    .text = Ele tinha mais de dez minutos, ou foi tentado vezes demais. Digite o seu número de novo para receber outro.

mobile-recover-title = Por SMS e e-mail
mobile-recover-lead = Se você registrou um celular de recuperação, podemos enviar um código por SMS e um link por e-mail. Você precisa dos dois. Durante um dia depois de uma senha nova por e-mail, os responsáveis por este site precisam antes desbloquear a sua conta.
mobile-recover-submit = Enviar um código por SMS
mobile-recover-asked = Se esta conta tem um celular de recuperação, enviamos duas coisas. As duas valem dez minutos.
mobile-recover-mail = Um e-mail: abra o link, em qualquer aparelho, e aperte o botão.
mobile-recover-code = Um SMS: digite o código aqui.
mobile-recover-again = Enviar os dois de novo
mobile-recover-nothing = Não chega nada? Talvez não haja celular de recuperação, ou ele não possa ser usado agora. Use um código de recuperação, ou fale com os responsáveis por este site.
mobile-recover-open-mail = O código estava certo. Agora abra o link do nosso e-mail, em qualquer aparelho, e aperte o botão. Depois continue aqui.
mobile-recover-waits = O código e o link estavam certos. Por segurança, a recuperação espera até { $until }. Depois entre aqui de novo, e peça um código e um link novos.
mobile-recover-go = Continuar
mobile-recover-wrong = Esse código não estava certo.
    .text = { $left ->
        [one] Veja o SMS mais recente. Você tem mais uma tentativa.
       *[other] Veja o SMS mais recente. Você tem mais { $left } tentativas.
    }

mobile-link-title = Você está recuperando a sua conta?
mobile-link-lead = Alguém digitou a senha de <strong>{ $login }</strong> em { $brand } e perdeu o aplicativo autenticador.
mobile-link-warning = Aperte o botão só se for você. Quem for poderia então configurar o próprio aplicativo.
mobile-link-submit = Sim, sou eu
mobile-link-stay = Se não for você, feche esta página e mude logo a sua senha: alguém a conhece.
mobile-link-done-title = Obrigado
mobile-link-done = Agora continue no navegador em que você digitou a sua senha. Você pode fechar esta página.
mobile-link-gone-title = Este link não funciona mais
mobile-link-gone = Ele expirou, foi substituído por um mais novo, ou já fez o seu trabalho. Entre de novo para receber outro.

mobile-mail = Recupere a sua conta em { $brand }
    .text = Alguém digitou a sua senha e pede para recuperar a sua conta com um código por SMS e este e-mail.
mobile-mail-link = Estou recuperando a minha conta
    .text = Abra o link em qualquer aparelho e aperte o botão. Ele funciona até { $until }.
mobile-mail-next = Só com este link ninguém entra.
mobile-mail-not-me = Se não foi você, não faça nada aqui. Mas alguém conhece a sua senha: escolha outra.
mobile-mail-waits = A recuperação da sua conta em { $brand } começou
    .text = Alguém mostrou a sua senha, um código por SMS e um link por e-mail. Depois de uma espera essa pessoa pode configurar outro aplicativo autenticador.
mobile-text-code = { $brand }: digite { $code } em 10 minutos. Nunca diga a ninguém.
mobile-text-changed = { $brand }: este celular deixou de recuperar a sua conta. Se a troca for de outra pessoa, veja nosso e-mail.
mobile-text-waits = { $brand }: alguém recupera a sua conta, com espera: { $until }. Se for outra pessoa, veja nosso e-mail.
