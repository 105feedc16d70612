# Mensagens de correio. Assunto e texto são texto simples; um botão leva à ligação.
mail-hello = Olá,
mail-hello-name = Olá, { $name },
mail-sign-in-at = Inicie sessão em { $address }
mail-foot = { $brand } enviou esta mensagem automaticamente, porque diz respeito à sua conta. Ninguém lê as respostas.
mail-moment = { $date }, { $time } UTC
mail-when = Quando
mail-where = Endereço de rede
mail-browser = Navegador
mail-browser-on = { $browser } em { $system }
mail-browser-unknown = desconhecido

mail-invitation = O seu convite para { $brand }
    .text = Recebeu um convite para { $brand }. Escolha uma palavra-passe para concluir o registo.
mail-invitation-link = Concluir registo
    .text = A ligação é válida até { $until }, ou até ter tudo configurado.
mail-invitation-next = No primeiro início de sessão configura uma aplicação de autenticação. Tenha o telemóvel à mão.

mail-enrolment = Configure a sua aplicação de autenticação para { $brand }
    .text = { $brand } pede um código de uma aplicação de autenticação. Com esta ligação pode configurar uma.
mail-enrolment-link = Configurar a aplicação
    .text = A ligação funciona uma vez, até { $until }. Precisa também da sua palavra-passe.
mail-enrolment-next = Abra-a no navegador em que quer iniciar sessão e tenha o telemóvel à mão.

mail-reset = Uma nova palavra-passe para { $brand }
    .text = Alguém pediu uma nova palavra-passe para a sua conta. Se foi você, abra esta ligação.
mail-reset-link = Escolher nova palavra-passe
    .text = A ligação funciona uma vez, até { $until }.
mail-reset-next = Se não foi você, não faça nada. A sua palavra-passe continua a mesma.

mail-new-sign-in = Novo início de sessão em { $brand }
    .text = Alguém iniciou sessão na sua conta com a sua palavra-passe e um código, num navegador que ainda não tinha usado.
mail-password-changed = A sua palavra-passe para { $brand } foi alterada
    .text = A palavra-passe da sua conta foi alterada.
mail-authenticator-replaced = Outra aplicação de autenticação para { $brand }
    .text = Foi configurada outra aplicação de autenticação para a sua conta. A anterior já não funciona.
mail-authenticator-reset = A sua aplicação de autenticação de { $brand } foi removida
    .text = Os responsáveis pelo site removeram a aplicação de autenticação da sua conta, para que possa ser configurada uma nova.
mail-recovery-used = A sua conta em { $brand } foi recuperada
    .text = Foi usado um código de recuperação para a sua conta, ou um código por SMS com um link por e-mail. A sua aplicação de autenticação e todos os códigos de recuperação já não funcionam.
mail-mobile-changed = Outro telemóvel de recuperação para { $brand }
    .text = O telemóvel de recuperação da sua conta foi alterado.
mail-locked = A sua conta em { $brand } está bloqueada para novos navegadores
    .text = Houve demasiados códigos errados para a sua conta, vindos de navegadores que ainda não tinha usado. Por agora, não é possível iniciar sessão em novos navegadores.
mail-locked-known = Os navegadores em que já tinha iniciado sessão continuam a funcionar.
mail-locked-next = Quem tentou conhece a sua palavra-passe. Se não foi você, escolha outra palavra-passe e peça aos responsáveis pelo site que desbloqueiem a sua conta.

mail-it-was-me = Se foi você, não há nada a fazer.
mail-not-me = Não fui eu
    .text = Se não foi você, abra a ligação e congele a sua conta: ninguém fica dentro e ninguém entra, até que os responsáveis pelo site lhe abram de novo. A ligação funciona uma vez, até { $until }.

mail-act-waits = { $brand }: uma ação de administração produz efeito dentro de 24 horas
    .text = Um administrador pediu algo que produz efeito dentro de 24 horas.
mail-act-waits-next = O resumo das páginas de administração mostra do que se trata. Se não deve acontecer, qualquer administrador pode cancelá-lo aí até então.
mail-codes-renewed = Novos códigos de recuperação para { $brand }
    .text = Foram criados novos códigos de recuperação para a sua conta. Os anteriores já não servem.
