# Registo: a primeira palavra-passe.
register-title = Boas-vindas
register-welcome = Boas-vindas, { $name }
register-lead = Recebeu um convite para <strong>{ $portal }</strong>. Escolha uma palavra-passe para concluir o registo.
register-login = Nome de utilizador
register-password = Palavra-passe desejada
register-password-again = Palavra-passe desejada, de novo
register-submit = Concluir registo
register-same = As duas palavras-passe coincidem.
register-other = As duas palavras-passe ainda não coincidem.
register-mismatch = As duas palavras-passe não são iguais.
    .text = Introduza a sua nova palavra-passe duas vezes, igual em ambas.

password-needs = Uma palavra-passe precisa de:
password-lower = uma letra minúscula (a–z)
password-upper = uma letra maiúscula (A–Z)
password-digit = um dígito (0–9)
password-special = um carácter especial (como ! # $ %)
password-length = { $number ->
    [one] pelo menos { $number } carácter
   *[other] pelo menos { $number } caracteres
}
password-done = (cumprido)
password-missing = (ainda falta)
password-passphrase = A partir de { $number } caracteres, qualquer mistura serve: bastam algumas palavras que ninguém adivinharia.
password-weak = Escolha outra palavra-passe, por favor.
    .text = Ainda falta o que está assinalado na lista abaixo.
password-common = É demasiado parecida com uma das palavras-passe mais usadas, e essas são experimentadas primeiro.
password-guessable = Segue um padrão que se adivinha depressa. São melhores palavras sem relação ou uma palavra-passe aleatória.
password-contains-login = Contém o seu nome de utilizador.
password-too-long = É mais longa do que podemos aceitar.
password-forbidden = Contém um carácter que não se pode escrever em todo o lado, por exemplo uma tabulação.

registered-title = Registo concluído
registered-lead = A sua palavra-passe está definida. Pode fechar esta página ou continuar já.
registered-login = O seu nome de utilizador
registered-address = Inicie sessão a qualquer momento em
registered-next = Quando iniciar sessão pela primeira vez, vai configurar uma aplicação de autenticação. Tenha o telefone à mão e faça-o o mais tardar a { $date }, neste navegador ou com a ligação que recebeu.
