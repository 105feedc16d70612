# Correos. Asunto y texto son texto sin formato; un botón lleva al enlace.
mail-hello = Hola:
mail-hello-name = Hola, { $name }:
mail-sign-in-at = Inicie sesión en { $address }
mail-foot = { $brand } ha enviado este mensaje automáticamente porque se refiere a su cuenta. Nadie lee las respuestas.
mail-fact = { $name }: { $value }
mail-when = Cuándo
mail-waits-until = Fin de la espera
mail-where = Dirección de red
mail-browser = Navegador
mail-browser-on = { $browser } en { $system }
mail-browser-unknown = desconocido

mail-invitation = Su invitación a { $brand }
    .text = Le han invitado a { $brand }. Elija una contraseña para completar su registro.
mail-invitation-link = Completar el registro
    .text = El enlace sirve hasta el { $until }, o hasta que lo haya configurado todo.
mail-invitation-next = La primera vez que inicie sesión configurará una aplicación de autenticación. Tenga el teléfono a mano.

mail-enrolment = Configure su aplicación de autenticación para { $brand }
    .text = { $brand } pide un código de una aplicación de autenticación. Con este enlace puede configurar una.
mail-enrolment-link = Configurar la aplicación
    .text = El enlace funciona una vez, hasta el { $until }. También necesita su contraseña.
mail-enrolment-next = Ábralo en el navegador en el que quiere iniciar sesión y tenga el teléfono a mano.

mail-reset = Una contraseña nueva para { $brand }
    .text = Alguien ha pedido una contraseña nueva para su cuenta. Si ha sido usted, abra este enlace.
mail-reset-link = Elegir una contraseña nueva
    .text = El enlace funciona una vez, hasta el { $until }.
mail-reset-next = Si no ha sido usted, no haga nada. Su contraseña sigue siendo la misma.

mail-new-sign-in = Nuevo inicio de sesión en { $brand }
    .text = Alguien ha iniciado sesión en su cuenta con su contraseña y un código, en un navegador que usted no había usado antes.
mail-password-changed = Su contraseña para { $brand } ha cambiado
    .text = La contraseña de su cuenta ha cambiado.
mail-authenticator-replaced = Otra aplicación de autenticación para { $brand }
    .text = Se ha configurado otra aplicación de autenticación para su cuenta. La anterior ya no sirve.
mail-authenticator-reset = Se ha quitado su aplicación de autenticación de { $brand }
    .text = Los responsables del sitio han quitado la aplicación de autenticación de su cuenta para que se pueda configurar una nueva.
mail-recovery-used = Se ha recuperado su cuenta de { $brand }
    .text = Se ha usado un código de recuperación para su cuenta, o un código por SMS con un enlace por correo. Su aplicación de autenticación y todos los códigos de recuperación ya no sirven.
mail-mobile-changed = Otro móvil de recuperación para { $brand }
    .text = El móvil de recuperación de su cuenta ha cambiado.
mail-locked = Su cuenta de { $brand } está bloqueada para navegadores nuevos
    .text = Ha habido demasiados códigos incorrectos para su cuenta desde navegadores que usted no había usado antes. Por ahora no se puede iniciar sesión en navegadores nuevos.
mail-locked-known = Los navegadores en los que ya había iniciado sesión siguen funcionando.
mail-locked-next = Quien lo ha intentado conoce su contraseña. Si no ha sido usted, elija otra contraseña y pida a los responsables del sitio que desbloqueen su cuenta.

mail-it-was-me = Si ha sido usted, no tiene que hacer nada.
mail-not-me = No he sido yo
    .text = Si no ha sido usted, abra el enlace y congele su cuenta: nadie sigue dentro y nadie puede entrar hasta que los responsables del sitio le devuelvan el acceso. El enlace funciona una vez, hasta el { $until }.

mail-act-waits = { $brand }: una acción de administración surtirá efecto en 24 horas
    .text = Un administrador ha solicitado algo que surtirá efecto en 24 horas.
mail-act-waits-next = El resumen de las páginas de administración muestra de qué se trata. Si no debe ocurrir, cualquier administrador puede cancelarlo allí hasta entonces.
mail-codes-renewed = Nuevos códigos de recuperación para { $brand }
    .text = Se han creado nuevos códigos de recuperación para su cuenta. Los anteriores ya no sirven.
