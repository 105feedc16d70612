# Primera página, segunda página, confirmación, cierre de sesión.
sign-in-title = Iniciar sesión
sign-in-login = Correo electrónico
sign-in-password = Contraseña
sign-in-next = Después de la contraseña se le pedirá el código de seis dígitos de su aplicación de autenticación.
sign-in-ended = Su sesión ha terminado. Inicie sesión de nuevo.
sign-in-expired = Ha pasado un rato, por eso le pedimos la contraseña otra vez.
sign-in-signed-out = Ha cerrado la sesión. En un ordenador compartido, cierre también el navegador.
sign-in-recovery = La recuperación empieza con su contraseña. En la página siguiente, elija «Iniciar recuperación».
sign-in-password-set = Ya tiene una contraseña. Inicie sesión con ella para continuar.
sign-in-refused = No se ha podido iniciar la sesión.
    .text = El correo electrónico o la contraseña no son correctos. Compruebe ambos e inténtelo de nuevo.
sign-in-slow-down = Espere un poco, por favor.
    .text = Ha habido demasiados intentos fallidos. Podrá intentarlo de nuevo { $wait }.

code-label = Código
code-label-long = Código de seis dígitos
code-malformed = Ese no es un código de seis dígitos.
    .text = Introduzca los seis dígitos que muestra ahora su aplicación. Este intento no se ha contado.
code-wrong = Ese código no era correcto.
    .text = { $left ->
        [one] Compruebe que es el código de esta cuenta y que la hora de su teléfono se ajusta automáticamente. Le queda un intento.
       *[other] Compruebe que es el código de esta cuenta y que la hora de su teléfono se ajusta automáticamente. Le quedan { $left } intentos.
    }
code-used = Espere al siguiente código, por favor.
    .text = Cada código sirve una sola vez, y ha usado este para llegar aquí. Su aplicación mostrará el siguiente { $wait }.
code-slow-down = Espere un poco, por favor.
    .text = Han llegado demasiados códigos incorrectos desde su red. Podrá intentarlo de nuevo { $wait }.
code-stale = Esta página llevaba un rato abierta.
    .text = Por seguridad, introduzca el código que muestra ahora su aplicación.

verify-title = Introduzca su código
verify-lead = Abra la aplicación de autenticación en su teléfono e introduzca el código de seis dígitos que muestra para esta cuenta.
verify-submit = Enviar código OTP
verify-enrolled-title = Un último código
verify-enrolled-lead = Abra su aplicación de autenticación una vez más. Cuando muestre un código nuevo, introdúzcalo aquí: así se comprueba que la aplicación funciona y podrá entrar.
verify-enrolled-submit = Verificar
verify-shared = Este es un ordenador compartido
    .text = La sesión se cerrará al cerrar el navegador.
verify-trouble = ¿Tiene problemas para acceder a su cuenta?
verify-start-recovery = Iniciar recuperación

confirm-title = Confirme que es usted
confirm-why = Su organización pide un código nuevo <strong>{ $every }</strong>.
confirm-early = El suyo todavía vale; puede introducir uno nuevo antes, y el plazo volverá a empezar.
confirm-late = Su sesión como { $login } sigue abierta, y no se ha perdido nada de lo que ha hecho.
confirm-submit = Verificar
confirm-app = Abra la aplicación de autenticación en su teléfono para ver su código.
confirm-to-start = Después irá a la página de inicio de { $portal }.
confirm-to-place = Después irá a <span class="path">{ $place }</span>.

locked-title = Cuenta bloqueada
locked-headline = Su cuenta está bloqueada en este navegador
locked-why = Ha habido demasiados códigos incorrectos para { $login } desde navegadores que no había usado antes. Para proteger su cuenta, por ahora no se puede iniciar sesión desde navegadores nuevos.
locked-what-to-do = Qué puede hacer
locked-known-browser = Continúe en un navegador en el que ya haya iniciado sesión. Sigue funcionando.
locked-ask = O pida a los responsables de { $brand } que desbloqueen su cuenta. Solo ellos pueden hacerlo: desde esta página no es posible.
locked-operator = Para ellos: <code>vestibule user unlock</code> con su identificador. Si también ha perdido el teléfono, tenga a mano un código de recuperación o dígaselo.

sign-out-title = Cerrar sesión
sign-out-ask = ¿Desea cerrar la sesión?
sign-out-what = Su sesión en { $portal } está abierta como <strong>{ $login }</strong>. Lo que no haya guardado allí podría perderse.
sign-out-stay = Seguir con la sesión abierta
sign-out-stale = Su sesión sigue abierta.
    .text = Esta página llevaba un rato abierta. Pulse el botón otra vez para cerrar la sesión.

# On the way to another host
handoff-title = Sesión iniciada
handoff-lead = Va a continuar a { $portal }.
handoff-go = Continuar a { $portal }
