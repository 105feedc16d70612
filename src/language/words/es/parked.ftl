# Lo que espera hasta que se introduce un código.
parked-title = ¿Enviar lo que escribió?
parked-lead = Usted envió esto a { $portal } cuando hacía falta un código nuevo. Se guardó y <strong>aún no se ha enviado</strong>.
parked-nothing = No espera nada
parked-nothing-lead = Aquí no hay nada suyo sin enviar. Los formularios se guardan solo unos minutos; el botón «Atrás» de su navegador quizá aún tenga el suyo.
parked-form = Formulario
parked-size = Tamaño
parked-when = Cuándo
parked-kept = Se olvidará { $left }.
parked-send = Enviar ahora
parked-discard = Descartar
parked-took = Se envió { $ago } y el portal lo recibió.
parked-error = Se envió { $ago }, pero el portal respondió con un error ({ $status }). No se envía otra vez.
parked-unknown = Se envió { $ago }, pero el portal no respondió. Compruebe en el portal si llegó. No se envía otra vez.
parked-discarded = Usted lo descartó { $ago }. No se envió.
parked-back = Volver a { $portal }
parked-back-unsent = Volver a { $portal } sin enviar
parked-stale = Esta página llevaba un rato abierta.
    .text = No se envió ni se descartó nada. Elija de nuevo.
parked-ago = { $minutes ->
    [0] hace menos de un minuto
    [one] hace { $minutes } minuto
   *[other] hace { $minutes } minutos
}

# Lo que no se puede guardar
parked-too-large = Lo que envió es demasiado grande para guardarlo
    .text = Antes hace falta un código nuevo, y no se guardó. No se envió nada. El botón «Atrás» de su navegador quizá aún tenga el formulario. Introduzca su código en otra pestaña, vuelva y envíelo de nuevo.
parked-share = Ya esperan dos formularios suyos
    .text = Antes hace falta un código nuevo, y este no se guardó. No se envió nada. El botón «Atrás» de su navegador quizá aún lo tenga. Introduzca su código en otra pestaña, envíe o descarte lo que espera, vuelva y envíe este.
parked-away = Lo que envió no se pudo guardar
    .text = Antes hace falta un código nuevo, y ahora no podemos guardarlo. No se envió nada. El botón «Atrás» de su navegador quizá aún tenga el formulario. Espere un minuto, vuelva y envíelo de nuevo.
parked-broken = Lo que envió no llegó completo
    .text = No se transmitió nada. El botón «Atrás» de su navegador quizá aún tenga el formulario: vuelva y envíelo de nuevo.
parked-not-now = Ahora no se pudo enviar
    .text = No podemos acceder a nuestros registros. Vuelva en un minuto: la página dice si aún espera.

# Una ventana que abrió una página del portal
popup-title = Su código fue aceptado
popup-lead = Cierre esta ventana y continúe en la ventana de la que vino.
popup-afterwards = Después continuará en la ventana de la que vino.
