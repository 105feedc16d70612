# The recovery mobile, recovery by text, and what texts and their mails say.
mobile-title = Móvil de recuperación
mobile-ends-in = Termina en { $ending }
mobile-none = Ninguno todavía
mobile-step = Móvil
mobile-lead = Si pierde su aplicación y sus códigos de recuperación, podemos enviar un código a este número. Es recomendable, pero puede omitirlo.
mobile-number = Número de móvil
mobile-hint = Con el prefijo del país. Podemos enviar a: { $countries }
mobile-submit = Confirmar el móvil de recuperación
mobile-skip = Omitir por ahora
mobile-only = Usamos el número solo para la recuperación, nunca para iniciar sesión.
mobile-code-title = Introduzca el código del SMS
mobile-code-lead = Un SMS con un código de seis dígitos va camino del número que termina en { $ending }. Vale diez minutos.
mobile-code = Código del SMS
mobile-code-submit = Confirmar
mobile-other = Usar otro número
mobile-is = Su móvil de recuperación termina en { $ending }.
mobile-from = Sirve para la recuperación a partir del { $until }.
mobile-change-lead = Para cambiarlo, introduzca su contraseña y un código de su aplicación. Avisamos al número anterior. Sus otras sesiones terminan y sus otros navegadores dejan de ser conocidos. Un número nuevo sirve para la recuperación después de 72 horas.
mobile-remove = Quitar el móvil de recuperación
mobile-done = Su móvil de recuperación ha cambiado. Sirve para la recuperación después de 72 horas. Ya solo tiene la sesión abierta aquí.
mobile-removed = Su móvil de recuperación se ha quitado. Ya solo tiene la sesión abierta aquí.

mobile-not-a-number = Eso no es un número de móvil.
    .text = Escríbalo con un más y el prefijo del país, como +34 612 34 56 78.
mobile-country = No podemos enviar SMS a ese país.
    .text = Podemos enviar a números que empiezan por: { $countries }
mobile-kind = Ese número no puede recibir SMS.
    .text = Introduzca el número de un teléfono móvil.
mobile-refused = No hemos podido enviar a ese número.
    .text = Quizá ha recibido demasiados SMS hoy, o no los acepta. No se ha cambiado nada.
mobile-not-sent = No hemos podido enviar el SMS.
    .text = No se ha cambiado nada. Inténtelo dentro de un minuto, u omita este paso.
mobile-not-sent-inside = No hemos podido enviar el SMS.
    .text = No se ha cambiado nada. Inténtelo dentro de un minuto, con un código nuevo de su aplicación.
mobile-slow-down = Espere un poco.
    .text = Se han pedido demasiados SMS. Puede intentarlo de nuevo { $wait }. No se ha cambiado nada.
mobile-code-malformed = Ese no es un código de seis dígitos.
    .text = Introduzca los seis dígitos del SMS. Este intento no se ha contado.
mobile-code-wrong = Ese código no era correcto.
    .text = { $left ->
        [one] Mire el SMS más reciente. Le queda un intento.
       *[other] Mire el SMS más reciente. Le quedan { $left } intentos.
    }
mobile-code-gone = Ese código ya no vale.
    .text = Tenía más de diez minutos, o se ha probado demasiadas veces. Introduzca otra vez su número para recibir uno nuevo.

mobile-recover-title = Por SMS y correo
mobile-recover-lead = Si ha registrado un móvil de recuperación, podemos enviarle un código por SMS y un enlace por correo. Necesita los dos. Durante un día después de una contraseña nueva por correo, los responsables de este sitio deben desbloquear antes su cuenta.
mobile-recover-submit = Enviarme un código por SMS
mobile-recover-asked = Si esta cuenta tiene un móvil de recuperación, hemos enviado dos cosas. Las dos valen diez minutos.
mobile-recover-mail = Un correo: abra su enlace, en cualquier dispositivo, y pulse el botón.
mobile-recover-code = Un SMS: introduzca su código aquí.
mobile-recover-again = Enviar los dos otra vez
mobile-recover-nothing = ¿No llega nada? Quizá no hay móvil de recuperación, o no se puede usar ahora. Use un código de recuperación, o pregunte a los responsables de este sitio.
mobile-recover-open-mail = El código era correcto. Abra ahora el enlace de nuestro correo, en cualquier dispositivo, y pulse el botón. Después continúe aquí.
mobile-recover-waits = El código y el enlace eran correctos. Por seguridad, la recuperación espera hasta el { $until }. Inicie entonces sesión aquí otra vez, y pida un código y un enlace nuevos.
mobile-recover-go = Continuar
mobile-recover-wrong = Ese código no era correcto.
    .text = { $left ->
        [one] Mire el SMS más reciente. Le queda un intento.
       *[other] Mire el SMS más reciente. Le quedan { $left } intentos.
    }

mobile-link-title = ¿Está recuperando su cuenta?
mobile-link-lead = Alguien ha introducido la contraseña de <strong>{ $login }</strong> en { $brand } y ha perdido la aplicación de autenticación.
mobile-link-warning = Pulse el botón solo si es usted. Quien sea podría entonces configurar su propia aplicación.
mobile-link-submit = Sí, soy yo
mobile-link-stay = Si no es usted, cierre esta página y cambie pronto su contraseña: alguien la conoce.
mobile-link-done-title = Gracias
mobile-link-done = Continúe ahora en el navegador en el que introdujo su contraseña. Puede cerrar esta página.
mobile-link-gone-title = Este enlace ya no funciona
mobile-link-gone = Ha caducado, se ha sustituido por uno más reciente, o ya ha cumplido su función. Inicie sesión otra vez para recibir uno nuevo.

mobile-mail = Recupere su cuenta en { $brand }
    .text = Alguien ha introducido su contraseña y pide recuperar su cuenta con un código por SMS y este correo.
mobile-mail-link = Estoy recuperando mi cuenta
    .text = Abra el enlace en cualquier dispositivo y pulse el botón. Funciona hasta el { $until }.
mobile-mail-next = Este enlace por sí solo no inicia ninguna sesión.
mobile-mail-not-me = Si no ha sido usted, no haga nada aquí. Pero alguien conoce su contraseña: elija otra.
mobile-mail-waits = Ha empezado la recuperación de su cuenta en { $brand }
    .text = Alguien ha presentado su contraseña, un código por SMS y un enlace por correo. Después de una espera, esa persona podrá configurar otra aplicación de autenticación.
mobile-text-code = { $brand }: su clave es { $code }. Vale 10 minutos. Nunca la pedimos.
mobile-text-changed = { $brand }: este ya no es el contacto para recuperar su cuenta. ¿No es cosa suya? Mire nuestro correo.
mobile-text-waits = { $brand }: alguien empieza a recuperar su cuenta. Espera hasta { $until }. ¿No es usted? Mire nuestro correo.
