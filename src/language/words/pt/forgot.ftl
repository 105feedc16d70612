# Uma senha esquecida, do pedido à nova; e “Não fui eu” nos e-mails.
forgot-link = Esqueceu a senha?
forgot-title = Esqueceu a senha?
forgot-lead = Digite o e-mail com que você entra. Se ele pertencer a uma conta, enviamos um link para escolher uma nova senha.
forgot-login = E-mail
forgot-submit = Enviar o link
forgot-back = Voltar para a entrada
forgot-late = Espere um pouco.
    .text = Foram pedidos links demais a partir da sua rede. Você pode tentar de novo { $wait }.
forgot-sent-title = Veja a sua caixa de entrada
forgot-sent = Se uma conta tiver o e-mail <strong>{ $login }</strong>, uma mensagem está a caminho.
forgot-sent-next = O link nela vale por 30 minutos. Se não chegar nada, confira o endereço e a pasta de spam, e tente de novo em alguns minutos.
forgot-ask-title = Uma nova senha
forgot-ask = Este site não envia e-mails. Peça uma nova senha aos responsáveis por { $brand }.

reset-title = Escolha uma nova senha
reset-lead = Escolha uma nova senha para a sua conta.
reset-ends = Você será desconectado em todos os lugares. O seu aplicativo autenticador continua o mesmo.
reset-login = Usuário
reset-password = Nova senha
reset-password-again = Nova senha, de novo
reset-submit = Salvar a nova senha
reset-done-title = A sua nova senha foi salva
reset-done = Você foi desconectado em todos os lugares. Você pode fechar esta página ou entrar agora, com a nova senha e um código do seu aplicativo.
reset-gone-title = Este link não funciona mais
reset-gone = Ele expirou, foi usado ou foi substituído por um mais recente.
reset-gone-again = Pedir um novo link

not-me-title = Não foi você?
not-me-lead = Você pode congelar a conta <strong>{ $login }</strong>. Todos são desconectados na hora e ninguém consegue entrar, nem você, até que os responsáveis por { $brand } liberem o seu acesso de novo.
not-me-submit = Congelar a minha conta
not-me-stay = Se foi você, feche esta página. Nada mudou.
not-me-done-title = A sua conta está congelada
not-me-done = Ninguém mais está conectado. Agora conte aos responsáveis por { $brand } o que aconteceu; eles podem liberar o seu acesso de novo.
not-me-gone-title = Este link não funciona mais
not-me-gone = Ele expirou ou foi usado. Se você acha que outra pessoa está na sua conta, avise os responsáveis por { $brand }.
