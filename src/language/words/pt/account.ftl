# A página da conta.
account-title = A sua conta
account-login = Conectado como
account-groups = Grupos
account-next-code = Próximo código
account-every = A sua organização pede um novo { $every }.
account-go = Ir para { $portal }
account-enter-code = Digitar um código agora
