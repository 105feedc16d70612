# Recuperación con un código de recuperación.
recover-title = Recupere su cuenta
recover-lead = Úselo si ha perdido, roto o cambiado el teléfono. Al configurar su aplicación guardó diez códigos de recuperación; introduzca uno de ellos.
recover-lead-due = Su cuenta estaba bloqueada y se ha desbloqueado. Para iniciar sesión desde un navegador que no ha usado antes, use un código de recuperación: aquí no basta con un código de la aplicación. Al configurar su aplicación guardó diez códigos de recuperación; introduzca uno de ellos.
recover-half-way = Su contraseña era correcta. Su cuenta se recuperó, pero no se configuró a tiempo una aplicación de autenticación nueva, o no en este navegador. La aplicación anterior y todos los códigos de recuperación ya no sirven.
recover-half-way-ask = ¿No tiene móvil de recuperación, o no llega nada? Pida un enlace nuevo a los responsables de { $brand }.
recover-warning = <strong>Su aplicación de autenticación anterior dejará de funcionar para esta cuenta.</strong> También sus demás códigos de recuperación, y se cerrará su sesión en todas partes. Justo después configurará una aplicación de nuevo.
recover-code = Código de recuperación
recover-hint = Es parecido a este: <code>{ $example }</code>.
recover-submit = Iniciar recuperación
recover-known-browser = También puede continuar en un navegador en el que ya haya iniciado sesión. Sigue funcionando.
recover-found = ¿Ha encontrado su teléfono?
recover-found-link = Introducir un código de la aplicación
recover-no-code = ¿Tampoco tiene un código de recuperación? Entonces solo los responsables de { $brand } pueden ayudarle.
recover-due = Use un código de recuperación, por favor.
    .text = Aquí no basta con un código de la aplicación. Este intento no se ha contado.
recover-malformed = Ese no es un código de recuperación.
    .text = Un código de recuperación tiene dieciséis letras y dígitos en grupos de cuatro. Este intento no se ha contado.
recover-wrong = Ese código de recuperación no era correcto.
    .text = { $left ->
        [one] Compruebe que no lo haya usado antes y que sea de su juego más reciente. Le queda un intento.
       *[other] Compruebe que no lo haya usado antes y que sea de su juego más reciente. Le quedan { $left } intentos.
    }
