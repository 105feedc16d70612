# Em volta de cada página, e o que dizem várias páginas.
title-wrong = Confira:
language-switch = Idioma
links-label = Outros links
skip-to-content = Ir para o conteúdo
page-ends-login = Esta página expira { $left }. Depois disso você recomeça com a sua senha.
page-ends-link = Este link expira { $left }. Depois disso você precisa de um novo.
page-ends-inside = Esta página expira { $left }. Depois disso você recomeça pela sua conta.
request-number = Se você pedir ajuda, informe este número:
go-to-portal = Ir para o portal
open-in-whole-window = Abrir na janela inteira
try-again = Tentar de novo
help-below = Abaixo está escrito como falar com eles.
copy = Copiar
copied = Copiado
print = Imprimir
sign-out = Sair
log-in = Entrar

# Tempos
in-seconds = { $number ->
    [one] em { $number } segundo
   *[other] em { $number } segundos
}
in-minutes = { $number ->
    [one] em { $number } minuto
   *[other] em { $number } minutos
}
in-hours = { $number ->
    [one] em { $number } hora
   *[other] em { $number } horas
}
in-days = { $number ->
    [one] em { $number } dia
   *[other] em { $number } dias
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
moment = { $date } às { $time } UTC
