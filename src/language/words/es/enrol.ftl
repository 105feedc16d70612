# Configuración de una aplicación de autenticación, y códigos de recuperación.
steps = Pasos
step-app = Aplicación
step-scan = Escanear
step-confirm = Confirmar
step-save = Códigos
step-last = Fin

enrol-title = Configure su aplicación de autenticación
enrol-hello = Hola
enrol-hello-name = Hola, { $name }
enrol-lead = Este enlace le permite configurar una aplicación de autenticación para <strong>{ $login }</strong>.
enrol-step-password = Inicie sesión con la contraseña que ya tiene.
enrol-step-scan = Escanee un código QR con su teléfono.
enrol-step-codes = Guarde sus nuevos códigos de recuperación.
enrol-until = Permanezca en este navegador hasta terminar, como muy tarde el { $date }.

new-link-title = Hace falta un enlace nuevo
new-link-headline = Necesita un enlace nuevo
new-link-gone = Este enlace ha caducado, ya se ha usado o se ha sustituido por otro más reciente.
new-link-missing = En este navegador no se ha abierto ningún enlace de registro, o ya ha caducado.
new-link-needed = Su contraseña era correcta, pero su cuenta aún no tiene configurada ninguna aplicación de autenticación, y en este navegador no se ha abierto el enlace que lo permite.
new-link-half-way = Su contraseña era correcta. Su cuenta se recuperó, pero no se configuró a tiempo una aplicación de autenticación nueva, o no en este navegador. La aplicación anterior y todos los códigos de recuperación ya no sirven.
new-link-what-next = Qué hacer ahora
new-link-ask = Pida un enlace nuevo a los responsables de { $brand }. Ábralo en el navegador con el que quiera iniciar sesión.
new-link-why = Una contraseña sola nunca configura una aplicación de autenticación. Así, nadie que haya averiguado su contraseña puede poner su propio teléfono en lugar del de usted.
new-link-back = Volver al inicio de sesión

setup-start-title = Configure la autenticación multifactor
setup-start-why = { $brand } pide, además de su contraseña, un código de seis dígitos de su teléfono. Una contraseña se puede adivinar o robar; su teléfono lo tiene usted.
setup-start-time = La configuración lleva unos dos minutos. Necesita su teléfono.
setup-start-submit = Configurar MFA y acceder a la cuenta
setup-start-mfa = Autenticación multifactor (MFA) significa: algo que usted sabe y algo que usted tiene.

setup-title = Configure su aplicación de autenticación
setup-app = Consiga una aplicación
setup-app-lead = Si su teléfono ya tiene una de estas, vaya al paso 2.
setup-recommended = Recomendada
setup-for-iphone = { $app } para iPhone
setup-for-android = { $app } para Android
setup-how = Cómo añadir una cuenta
setup-how-in = en { $app }
setup-other-app = Cualquier otra aplicación
setup-scan = Escanee este código QR
setup-scan-lead = En la aplicación, añada una cuenta y apunte la cámara a esta imagen.
setup-qr = Código QR para su aplicación de autenticación. Debajo está la misma clave como texto.
setup-on-phone = Abrir en una aplicación de este dispositivo
setup-by-hand = O introduzca esta clave a mano
setup-account = Cuenta: { $login }. Tipo: basado en la hora, seis dígitos.
setup-code = Introduzca el código que ve
setup-code-lead = La aplicación muestra ahora un código de seis dígitos para { $issuer }. No se activa nada hasta que introduzca uno correcto.
setup-submit = Activar la autenticación multifactor
setup-begin-again = El código QR ha caducado.
    .text = Aquí tiene uno nuevo. Elimine la entrada anterior de su aplicación y escanee este en su lugar.

app-plus = Abra la aplicación y toque el signo más.
app-plus-or-add = Abra la aplicación y toque el signo más o «Agregar cuenta».
app-add = Abra la aplicación y toque «Agregar cuenta».
app-scan-qr = Elija «Escanear un código QR».
app-other-account = Elija «Otra cuenta»; «Cuenta profesional o educativa» también sirve.
app-authy-scan = Toque «Escanear código QR» y permita el uso de la cámara.
app-barcode = Toque «Escanear código de barras».
app-point = Apunte la cámara a la imagen del paso 2.
app-allow-point = Permita el uso de la cámara y apúntela a la imagen del paso 2.
app-point-save = Apúntela a la imagen del paso 2 y guarde.
app-any = Sirve cualquier aplicación que muestre códigos de seis dígitos basados en la hora; a menudo también los gestores de contraseñas.
app-look-for = Busque «Agregar cuenta» o «Código de un solo uso».
app-scan-or-key = Escanee la imagen del paso 2 o introduzca la clave a mano.

codes-title = Guarde sus códigos de recuperación
codes-of = Códigos de recuperación de { $login } para { $portal }
codes-paper = Cada uno sirve una vez, en lugar de su teléfono. Guarde esta hoja donde nadie más la encuentre.
codes-lead = Su aplicación de autenticación está configurada. Si alguna vez pierde, rompe o cambia el teléfono, podrá entrar con un código de recuperación.
codes-warning = <strong>Guárdelos en un lugar seguro, y no solo en su teléfono.</strong> Sin su teléfono y sin un código de recuperación no podrá volver a entrar por su cuenta. Cada código sirve una vez. Quien tenga uno y conozca su contraseña no necesitará su teléfono.
codes-download = Descargar códigos de recuperación
codes-show = Mostrarlos en esta página
codes-saved = Los he guardado
codes-next = Siguiente
codes-not-saved = Sus códigos de recuperación aún no están guardados.
    .text = Descárguelos, o muéstrelos en esta página y marque la casilla cuando los haya guardado.

# El archivo para guardar
codes-file-title = Códigos de recuperación
codes-file-for = Para: { $brand }
codes-file-login = Cuenta: { $login }
codes-file-made = Creados el: { $date }
codes-file-lead = Cada uno de estos códigos le da acceso una vez si pierde su aplicación de autenticación:
codes-file-warning = Quien tenga uno de ellos y su contraseña puede apoderarse de su cuenta.
codes-file-keep = Imprima esta página o guárdela en un gestor de contraseñas, no en el teléfono que muestra sus códigos, y no se la envíe a nadie. Un juego más reciente sustituye a este.
