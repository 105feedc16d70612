# Alrededor de cada página, y lo que dicen varias páginas.
title-wrong = Por favor, revise:
language-switch = Idioma
links-label = Otros enlaces
skip-to-content = Ir al contenido
page-ends-login = Esta página caduca { $left }. Después empezará de nuevo con su contraseña.
page-ends-link = Este enlace caduca { $left }. Después necesitará uno nuevo.
page-ends-inside = Esta página caduca { $left }. Después empezará de nuevo desde su cuenta.
request-number = Si pide ayuda, indique este número:
go-to-portal = Ir al portal
open-in-whole-window = Abrir en toda la ventana
try-again = Volver a intentarlo
help-below = Más abajo se indica cómo contactar con ellos.
copy = Copiar
copied = Copiado
print = Imprimir
sign-out = Cerrar sesión
log-in = Iniciar sesión

# Tiempos
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
    [one] dentro de { $number } día
   *[other] dentro de { $number } días
}
every-seconds = { $number ->
    [1] cada segundo
   *[other] cada { $number } segundos
}
every-minutes = { $number ->
    [1] cada minuto
   *[other] cada { $number } minutos
}
every-hours = { $number ->
    [1] cada hora
   *[other] cada { $number } horas
}
every-days = { $number ->
    [1] cada día
   *[other] cada { $number } días
}
date = { $month ->
    [1] { $day } de enero de { $year }
    [2] { $day } de febrero de { $year }
    [3] { $day } de marzo de { $year }
    [4] { $day } de abril de { $year }
    [5] { $day } de mayo de { $year }
    [6] { $day } de junio de { $year }
    [7] { $day } de julio de { $year }
    [8] { $day } de agosto de { $year }
    [9] { $day } de septiembre de { $year }
    [10] { $day } de octubre de { $year }
    [11] { $day } de noviembre de { $year }
   *[12] { $day } de diciembre de { $year }
}
moment = { $date } a las { $time } UTC
