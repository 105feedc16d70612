# Uma palavra-passe esquecida, do pedido à nova; e «Não fui eu» nas mensagens.
forgot-link = Esqueceu-se da palavra-passe?
forgot-title = Esqueceu-se da palavra-passe?
forgot-lead = Introduza o endereço de correio com que inicia sessão. Se pertencer a uma conta, enviamos-lhe uma ligação para escolher uma nova palavra-passe.
forgot-login = Endereço de correio
forgot-submit = Enviar a ligação
forgot-back = Voltar ao início de sessão
forgot-late = Aguarde um pouco.
    .text = Foram pedidas demasiadas ligações a partir da sua rede. Pode tentar de novo { $wait }.
forgot-sent-title = Veja a sua caixa de correio
forgot-sent = Se uma conta tiver o endereço <strong>{ $login }</strong>, uma mensagem está a caminho.
forgot-sent-next = A ligação nela é válida durante 30 minutos. Se não chegar nada, verifique o endereço e a pasta de correio não solicitado, e tente de novo dentro de alguns minutos.
forgot-ask-title = Uma nova palavra-passe
forgot-ask = Este site não envia correio. Peça uma nova palavra-passe aos responsáveis por { $brand }.

reset-title = Escolha uma nova palavra-passe
reset-lead = Escolha uma nova palavra-passe para a sua conta.
reset-ends = A sua sessão será terminada em todo o lado. A sua aplicação de autenticação continua a mesma.
reset-login = Nome de utilizador
reset-password = Nova palavra-passe
reset-password-again = Nova palavra-passe, de novo
reset-submit = Guardar a nova palavra-passe
reset-done-title = A sua nova palavra-passe está guardada
reset-done = A sua sessão foi terminada em todo o lado. Pode fechar esta página ou iniciar sessão agora, com a nova palavra-passe e um código da sua aplicação.
reset-gone-title = Esta ligação já não funciona
reset-gone = Expirou, foi usada ou foi substituída por uma mais recente.
reset-gone-again = Pedir uma nova ligação

not-me-title = Não foi você?
not-me-lead = Pode congelar a conta <strong>{ $login }</strong>. Todas as sessões terminam de imediato e ninguém consegue iniciar sessão, nem você, até que os responsáveis por { $brand } lhe abram de novo.
not-me-submit = Congelar a minha conta
not-me-stay = Se foi você, feche esta página. Nada mudou.
not-me-done-title = A sua conta está congelada
not-me-done = Já ninguém tem sessão iniciada. Diga agora aos responsáveis por { $brand } o que aconteceu; eles podem abrir-lhe de novo.
not-me-gone-title = Esta ligação já não funciona
not-me-gone = Expirou ou foi usada. Se pensa que outra pessoa está na sua conta, diga-o aos responsáveis por { $brand }.
