# E-mails. Assunto e texto são texto simples; um botão leva ao link.
mail-hello = Olá,
mail-hello-name = Olá, { $name },
mail-sign-in-at = Você entra em { $address }
mail-foot = { $brand } enviou esta mensagem automaticamente, porque ela diz respeito à sua conta. Ninguém lê as respostas.
mail-fact = { $name }: { $value }
mail-when = Quando
mail-waits-until = Espera até
mail-where = Endereço de rede
mail-browser = Navegador
mail-browser-on = { $browser } no { $system }
mail-browser-unknown = desconhecido

mail-invitation = O seu convite para { $brand }
    .text = Você foi convidado para { $brand }. Escolha uma senha para concluir o seu cadastro.
mail-invitation-link = Concluir cadastro
    .text = O link vale até { $until }, ou até você ter configurado tudo.
mail-invitation-next = Ao entrar pela primeira vez, você configura um aplicativo autenticador. Tenha o celular à mão.

mail-enrolment = Configure o seu aplicativo autenticador para { $brand }
    .text = { $brand } pede um código de um aplicativo autenticador. Com este link você pode configurar um.
mail-enrolment-link = Configurar o aplicativo
    .text = O link funciona uma vez, até { $until }. Você também precisa da sua senha.
mail-enrolment-next = Abra-o no navegador em que você quer entrar e tenha o celular à mão.

mail-reset = Uma nova senha para { $brand }
    .text = Alguém pediu uma nova senha para a sua conta. Se foi você, abra este link.
mail-reset-link = Escolher uma nova senha
    .text = O link funciona uma vez, até { $until }.
mail-reset-next = Se não foi você, não faça nada. A sua senha continua a mesma.

mail-new-sign-in = Novo acesso a { $brand }
    .text = Alguém entrou na sua conta com a sua senha e um código, em um navegador que você ainda não tinha usado.
mail-password-changed = A sua senha de { $brand } foi alterada
    .text = A senha da sua conta foi alterada.
mail-authenticator-replaced = Outro aplicativo autenticador para { $brand }
    .text = Outro aplicativo autenticador foi configurado para a sua conta. O anterior não funciona mais.
mail-authenticator-reset = O seu aplicativo autenticador de { $brand } foi removido
    .text = Os responsáveis pelo site removeram o aplicativo autenticador da sua conta, para que um novo possa ser configurado.
mail-recovery-used = A sua conta em { $brand } foi recuperada
    .text = Um código de recuperação foi usado na sua conta, ou um código por SMS com um link por e-mail. O seu aplicativo autenticador e todos os códigos de recuperação não funcionam mais.
mail-mobile-changed = Outro celular de recuperação para { $brand }
    .text = O celular de recuperação da sua conta foi alterado.
mail-locked = A sua conta em { $brand } está bloqueada para novos navegadores
    .text = Houve códigos errados demais para a sua conta, vindos de navegadores que você ainda não tinha usado. Por enquanto, não é possível entrar em novos navegadores.
mail-locked-known = Os navegadores em que você já entrou continuam funcionando.
mail-locked-next = Quem tentou conhece a sua senha. Se não foi você, escolha outra senha e peça aos responsáveis pelo site que desbloqueiem a sua conta.

mail-it-was-me = Se foi você, não há nada a fazer.
mail-not-me = Não fui eu
    .text = Se não foi você, abra o link e congele a sua conta: ninguém continua conectado e ninguém entra, até que os responsáveis pelo site liberem o seu acesso de novo. O link funciona uma vez, até { $until }.

mail-act-waits = { $brand }: uma ação de administração passa a valer em 24 horas
    .text = Um admin pediu algo que passa a valer em 24 horas.
mail-act-waits-next = A visão geral das páginas de administração mostra do que se trata. Se não for para acontecer, qualquer admin pode cancelar ali até esse momento.
mail-codes-renewed = Novos códigos de recuperação para { $brand }
    .text = Novos códigos de recuperação foram criados para a sua conta. Os anteriores não valem mais.
