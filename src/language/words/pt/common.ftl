# À volta de cada página, e o que dizem várias páginas.
title-wrong = Verifique, por favor:
language-switch = Idioma
links-label = Outras ligações
skip-to-content = Ir para o conteúdo
page-ends-login = Esta página expira { $left }. Depois recomeça com a sua palavra-passe.
page-ends-link = Esta ligação expira { $left }. Depois precisa de uma nova.
page-ends-inside = Esta página expira { $left }. Depois recomeça a partir da sua conta.
request-number = Se pedir ajuda, indique este número:
go-to-portal = Ir para o portal
open-in-whole-window = Abrir em toda a janela
try-again = Tentar novamente
help-below = Abaixo indica-se como os contactar.
copy = Copiar
copied = Copiado
print = Imprimir
sign-out = Terminar sessão
log-in = Iniciar sessão

# Tempos
in-seconds = { $number ->
    [one] dentro de { $number } segundo
   *[other] dentro de { $number } segundos
}
in-minutes = { $number ->
    [one] dentro de { $number } minuto
   *[other] dentro de { $number } minutos
}
in-hours = { $number ->
    [one] dentro de { $number } hora
   *[other] dentro de { $number } horas
}
in-days = { $number ->
    [one] dentro de { $number } dia
   *[other] dentro de { $number } dias
}
every-seconds = { $number ->
    [1] a cada segundo
   *[other] a cada { $number } segundos
}
every-minutes = { $number ->
    [1] a cada minuto
   *[other] a cada { $number } minutos
}
every-hours = { $number ->
    [1] a cada hora
   *[other] a cada { $number } horas
}
every-days = { $number ->
    [1] todos os dias
   *[other] a cada { $number } dias
}
date = { $month ->
    [1] { $day } de janeiro de { $year }
    [2] { $day } de fevereiro de { $year }
    [3] { $day } de março de { $year }
    [4] { $day } de abril de { $year }
    [5] { $day } de maio de { $year }
    [6] { $day } de junho de { $year }
    [7] { $day } de julho de { $year }
    [8] { $day } de agosto de { $year }
    [9] { $day } de setembro de { $year }
    [10] { $day } de outubro de { $year }
    [11] { $day } de novembro de { $year }
   *[12] { $day } de dezembro de { $year }
}
