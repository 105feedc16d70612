# Lo que puede cambiar en su propia cuenta: contraseña, aplicación, códigos de recuperación.
security-title = Su seguridad
security-back = Volver a su cuenta
security-entered = Último código introducido
security-confirm-back = Después vuelve a su cuenta.
security-code = Código de seis dígitos de su aplicación
security-stale = Esta página llevaba un rato abierta.
    .text = No se ha cambiado nada. Por seguridad, rellénela otra vez.
security-crowded = Ha sido demasiado a la vez.
    .text = Este formulario no ha cambiado nada. Inténtelo de nuevo en unos segundos.
security-wrong-password = Esa contraseña no era correcta.
    .text = { $left ->
        [one] Introduzca la contraseña con la que inicia sesión. Su código no se ha gastado. Le queda un intento.
       *[other] Introduzca la contraseña con la que inicia sesión. Su código no se ha gastado. Le quedan { $left } intentos.
    }

security-password = Contraseña
security-password-what = Cambiar la contraseña con la que inicia sesión
security-password-title = Cambie su contraseña
security-password-lead = Su sesión sigue abierta aquí. Sus otras sesiones terminan, y sus otros navegadores dejan de ser conocidos.
security-current-password = Contraseña actual
security-new-password = Contraseña nueva
security-new-password-again = Contraseña nueva, otra vez
security-password-submit = Cambiar contraseña
security-password-same = Esa es la contraseña que tiene ahora.
    .text = Elija una que no haya usado aquí.
security-password-done = Su contraseña se ha cambiado. Su sesión sigue abierta aquí, y en ningún otro sitio.

security-mfa = Aplicación de autenticación
security-mfa-what = Sustituirla, por ejemplo por un teléfono nuevo
security-mfa-title = Sustituya su aplicación de autenticación
security-mfa-lead = Para un teléfono nuevo u otra aplicación. La antigua hace falta una vez más: introduzca su contraseña y el código que muestra ahora. Después escanea un código QR nuevo.
security-old-code = Código de seis dígitos de la aplicación antigua
security-mfa-start = Mostrar el código QR nuevo
security-mfa-then = La aplicación antigua vale hasta que se acepte un código de la nueva. Entonces sus otras sesiones terminan, sus otros navegadores dejan de ser conocidos, y recibe códigos de recuperación nuevos.
security-mfa-lost = ¿Ya no tiene la aplicación antigua? Cierre la sesión, iníciela con su contraseña y elija «Iniciar recuperación». Para ello necesita un código de recuperación.
security-mfa-code-lead = La aplicación muestra ahora un código de seis dígitos para { $issuer }. Hasta que introduzca uno correcto, su aplicación antigua sigue valiendo.
security-mfa-submit = Sustituir la aplicación de autenticación
security-mfa-keep = Quedarse con la antigua
security-mfa-begin-again = Ese código QR ya no vale.
    .text = Para sustituir su aplicación de autenticación, empiece aquí de nuevo.

security-codes = Códigos de recuperación
security-codes-what = Obtener códigos nuevos, por si pierde el teléfono
security-codes-title = Códigos de recuperación nuevos
security-codes-lead = Si alguna vez pierde, rompe o cambia el teléfono, un código de recuperación le da acceso. Pida códigos nuevos si ha usado o perdido alguno, o si cree que alguien los ha visto.
security-codes-warning = <strong>Sus códigos de recuperación antiguos dejan de valer enseguida.</strong> Sus otras sesiones terminan, y sus otros navegadores dejan de ser conocidos.
security-codes-submit = Obtener códigos de recuperación nuevos
security-codes-made = Tiene códigos de recuperación nuevos; los antiguos ya no valen. Si alguna vez pierde, rompe o cambia el teléfono, uno de ellos le da acceso.
security-codes-unsaved = Tiene códigos nuevos que todavía no están guardados.
security-codes-save = Guardarlos ahora
security-codes-done = Sus códigos de recuperación nuevos están guardados. Los antiguos ya no valen.
