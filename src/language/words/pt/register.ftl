# Cadastro: a primeira senha.
register-title = Boas-vindas
register-welcome = Boas-vindas, { $name }
register-lead = Você foi convidado para <strong>{ $portal }</strong>. Escolha uma senha para concluir o seu cadastro.
register-login = Usuário
register-password = Senha desejada
register-password-again = Senha desejada, de novo
register-submit = Concluir cadastro
register-same = As duas senhas são iguais.
register-other = As duas senhas ainda não são iguais.
register-mismatch = As duas senhas não são iguais.
    .text = Digite a sua nova senha duas vezes, igual em ambas.

password-needs = Uma senha precisa de:
password-lower = uma letra minúscula (a–z)
password-upper = uma letra maiúscula (A–Z)
password-digit = um dígito (0–9)
password-special = um caractere especial (como ! # $ %)
password-length = { $number ->
    [one] pelo menos { $number } caractere
   *[other] pelo menos { $number } caracteres
}
password-done = (feito)
password-missing = (ainda falta)
password-passphrase = A partir de { $number } caracteres, qualquer mistura serve: bastam algumas palavras que ninguém adivinharia.
password-weak = Escolha outra senha.
    .text = Ainda falta o que está marcado na lista abaixo.
password-common = Ela é parecida demais com uma das senhas mais usadas, e essas são tentadas primeiro.
password-guessable = Ela segue um padrão que se adivinha rápido. Palavras sem relação entre si ou uma senha aleatória são melhores.
password-contains-login = Ela contém o seu usuário.
password-too-long = Ela é mais longa do que podemos aceitar.
password-forbidden = Ela contém um caractere que não pode ser digitado em todo lugar, por exemplo uma tabulação.

registered-title = Cadastro concluído
registered-lead = A sua senha foi definida. Você pode fechar esta página ou continuar agora.
registered-login = O seu usuário
registered-address = Entre a qualquer momento em
registered-next = Ao entrar pela primeira vez, você vai configurar um aplicativo autenticador. Tenha o celular à mão e faça isso até { $date }, neste navegador ou com o link que você recebeu.

link-done-title = Você já se cadastrou
link-done-lead = Este link já fez o seu trabalho: a sua senha e o seu aplicativo autenticador estão configurados. Você não precisa mais dele.
link-done-not-you = Se não foi você, avise os responsáveis por { $brand }.
