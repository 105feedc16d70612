# La página de la cuenta.
account-title = Su cuenta
account-login = Sesión iniciada como
account-groups = Grupos
account-next-code = Próximo código
account-every = Su organización pide uno nuevo { $every }.
account-go = Ir a { $portal }
account-enter-code = Introducir un código ahora
